"""Loading of records through the cache, which never outlives a change of the files."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kb.records.cache import cached
from kb.records.loader import load_entries
from kb.records.models import Entry


def fresh(monkeypatch: pytest.MonkeyPatch, cache: Path) -> Mapping[str, Entry]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    load_entries.cache_clear()
    return dict(load_entries())


def test_the_second_load_reads_the_cache_and_says_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = fresh(monkeypatch, tmp_path)
    (cache_file,) = (tmp_path / "clearpay-doctor").iterdir()

    assert fresh(monkeypatch, tmp_path) == first
    assert cache_file.name == "entries.json"


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"a": 1}', "\x00"])
def test_a_damaged_cache_is_made_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: str) -> None:
    first = fresh(monkeypatch, tmp_path)
    (cache_file,) = (tmp_path / "clearpay-doctor").iterdir()
    cache_file.write_text(damage)

    assert fresh(monkeypatch, tmp_path) == first


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")

    assert fresh(monkeypatch, tmp_path / "file")


def test_a_look_alike_is_known_on_both_sides() -> None:
    entries = load_entries()
    for entry in entries.values():
        for other in entry.not_this:
            assert entry.id in {known.entry for known in entries[other.entry].not_this}


def test_a_copy_of_other_bytes_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    record = tmp_path / "entry.yaml"

    def made_of(text: str) -> object:
        record.write_text(text)
        return cached("texts", [record], record.read_text)

    assert [made_of("title: a"), made_of("title: b"), made_of("title: b")] == [
        "title: a",
        "title: b",
        "title: b",
    ]


def test_a_copy_of_the_same_bytes_is_not_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    answers = iter(["first", "second"])

    assert [cached("answers", [Path(__file__)], lambda: next(answers)) for _ in range(2)] == [
        "first",
        "first",
    ]
