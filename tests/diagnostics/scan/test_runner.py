"""Run of a scan: the same result in one process, in several, from compressed files and URLs."""

import bz2
import gzip
import lzma
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diagnostics.scan import spans, streams
from diagnostics.scan.inputs import inputs_of
from diagnostics.scan.runner import ScanResult, run_scan
from kb.matching.shipped_index import load_index
from kb.scan.chunk import Scanner
from kb.scan.reading import ScanSettings

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ERROR = 'ERROR payments: FATAL:  password authentication failed for user "app"\n'
UNKNOWN = "ERROR thumbnail {number} failed\n"


def scanner() -> Scanner:
    return Scanner(ScanSettings(load_index(), NOW))


def log_text(lines: int = 4_000) -> str:
    """Return a log with a known error on each hundredth line and an unknown one on each fiftieth."""
    text = []
    for number in range(lines):
        stamp = f"2026-11-29T12:{number // 60 % 60:02d}:{number % 60:02d}Z "
        body = (
            ERROR if number % 100 == 7 else UNKNOWN if number % 50 == 3 else "INFO payment {number} booked\n"
        )
        text.append(stamp + body.format(number=number))
    return "".join(text)


def scanned(*names: Path | str, jobs: int = 1, seconds: float = float("inf")) -> ScanResult:
    inputs, missing = inputs_of([str(name) for name in names])
    result = run_scan(inputs, scanner(), jobs=jobs, seconds=seconds)
    result.not_read[:0] = missing
    return result


def figures(result: ScanResult) -> tuple[int, dict[str, int], int]:
    summary = result.summary
    counts = {name: tally.count for name, tally in summary.entries.items()}
    return sum(part.lines for part in summary.parts.values()), counts, summary.errors


EXPECTED = (4_000, {"db-password-rejected": 40}, 80)


def zst(data: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    half = len(data) // 2
    return bytes(zstandard.compress(data[:half]) + zstandard.compress(data[half:]))


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "log": lambda data: data,
    "gz": gzip.compress,
    "two gz members": lambda data: gzip.compress(data[:999]) + gzip.compress(data[999:]),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst of two frames": zst,
    "utf-16": lambda data: data.decode().encode("utf-16"),
    "bom": lambda data: b"\xef\xbb\xbf" + data,
    "no line break at the end": lambda data: data.rstrip(b"\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_file_gives_the_same(form: str, tmp_path: Path) -> None:
    path = tmp_path / "app.log.1"
    path.write_bytes(FORMS[form](log_text().encode()))
    result = scanned(path)
    assert figures(result) == EXPECTED
    assert result.not_read == []


def test_small_chunks_and_processes_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "app.log"
    path.write_text(log_text())
    whole = scanned(path)
    monkeypatch.setattr(spans, "CHUNK", 7_000)
    monkeypatch.setattr(spans, "SPAN", 21_000)
    monkeypatch.setattr(streams, "CHUNK", 7_000)
    for jobs in (1, 2):
        result = scanned(path, jobs=jobs)
        assert figures(result) == figures(whole)
        first = whole.summary.entries["db-password-rejected"].first
        found = result.summary.entries["db-password-rejected"].first
        assert (found.time, found.offset, found.text) == (first.time, first.offset, first.text)


def test_a_url_gives_the_same() -> None:
    fsspec = pytest.importorskip("fsspec")
    for name, data in (("app.log", log_text().encode()), ("b.log.gz", gzip.compress(log_text().encode()))):
        with fsspec.open(f"memory://scan/{name}", "wb") as file:
            file.write(data)
    assert figures(scanned("memory://scan/app.log")) == EXPECTED
    assert figures(scanned("memory://scan/b.log.gz")) == EXPECTED


def test_damage_is_named_and_what_came_before_it_counts(tmp_path: Path) -> None:
    path = tmp_path / "app.log.gz"
    path.write_bytes(gzip.compress(log_text().encode())[:-2_000])
    result = scanned(path)
    assert figures(result)[1]["db-password-rejected"] > 10
    (part,) = result.not_read
    assert part.name == "app.log.gz"
    assert "ends early" in part.reason


@pytest.mark.parametrize("kind", ["bz2", "xz", "gz"])
def test_flipped_bytes_end_in_a_reason(kind: str, tmp_path: Path) -> None:
    data = bytearray(FORMS[kind](os.urandom(40_000).hex().encode() + log_text().encode()))
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    path = tmp_path / "app.log"
    path.write_bytes(data)
    (part,) = scanned(path).not_read
    assert "damaged" in part.reason


def test_what_is_no_log_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(os.urandom(10_000))
    (tmp_path / "b.log").write_bytes(b"")
    result = scanned(tmp_path / "a.log", tmp_path / "b.log", tmp_path / "c.log")
    assert {part.name.rpartition("/")[2]: part.reason for part in result.not_read} == {
        "c.log": "does not exist",
        "a.log": "is binary; expected the text of a log",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("x\n")
    path.chmod(0)
    assert [part.reason for part in scanned(path).not_read] == ["Permission denied"]


def test_the_deadline_ends_a_scan_and_names_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "app.log"
    path.write_text(log_text())
    monkeypatch.setattr(spans, "CHUNK", 7_000)
    monkeypatch.setattr(spans, "SPAN", 14_000)
    result = scanned(path, seconds=1e-9)
    assert "the deadline passed" in result.not_read[0].reason


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "app.log.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd" + bytes(100))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    (part,) = scanned(path).not_read
    assert "clearpay-doctor[logs]" in part.reason
