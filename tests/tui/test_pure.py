"""Parts of the screen that are functions: the filter, the summary, copies, exported files."""

from dataclasses import replace
from pathlib import Path

import pytest

from diagnostics.report.model import Diagnosis, Report
from kb.records.loader import load_entries
from tui.services.clipboard import OSC52_MOST, copied, to_file
from tui.services.summary import MOST_LINES, summary
from tui.shared.state import State
from tui.shared.text_filter import haystack, read_filter
from tui.style.theme import MORE_ASCII, MORE_GLYPHS, Symbols

FIELDS = {"layer": "database", "state": "new", "severity": "high"}


@pytest.mark.parametrize(
    ("typed", "passes"),
    [
        ("", True),
        ("pool exhausted", True),
        ("pool nonsense", False),
        ("!leak", True),
        ("!exhausted", False),
        ("layer:data", True),
        ("layer:api", False),
        ("severity:high state:new pool", True),
        ("state:", True),
        ("!", True),
        ("POOL", True),
        ("pool.exhausted", True),
    ],
)
def test_the_filter_reads_words_and_fields(typed: str, *, passes: bool) -> None:
    entry = load_entries()["db-pool-exhausted"]

    assert read_filter(typed).accepts(haystack(entry), FIELDS) is passes


def test_every_state_has_a_symbol_in_ascii_too() -> None:
    assert MORE_ASCII.keys() == MORE_GLYPHS.keys()
    for word in ("pass", "fail", "running", "held", "confirmed"):
        assert Symbols(ascii_only=True).state(word)[0].isascii()


def test_the_summary_is_short_and_names_what_was_found(state: State) -> None:
    diagnosis = Diagnosis(
        entry="db-deadlock",
        title="t",
        verdict="confirmed",
        sentence="They deadlock.",
        next=tuple(f"clearpay-doctor verify {n}" for n in range(9)),
    )
    report = Report(tool_version="0", run_id="r", started="s", targets=("prod",), diagnoses=(diagnosis,) * 9)
    state.ended(report)
    state.ended(replace(report, run_id="r2"))
    state.said += [f"written: {n}" for n in range(9)]

    told = summary(state, 80).splitlines()

    assert len(told) <= MOST_LINES
    assert "confirmed: db-deadlock: They deadlock." in told
    assert "\x1b" not in summary(state, 80)


def test_the_summary_of_nothing_is_nothing(state: State) -> None:
    assert summary(state, 80) == ""


def test_a_copy_goes_to_the_terminal_and_says_so() -> None:
    sent: list[str] = []

    said = copied("x" * 10, sent.append, {"TERM": "xterm-256color"})

    assert sent == ["x" * 10]
    assert "OSC 52" in said


@pytest.mark.parametrize(
    ("length", "terminal"), [(OSC52_MOST + 1, "xterm"), (10, "linux")], ids=["too long", "deaf terminal"]
)
def test_what_the_terminal_would_lose_goes_to_a_file(
    length: int, terminal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    said = copied("x" * length, lambda _: None, {"TERM": terminal})

    (file,) = tmp_path.iterdir()
    assert str(file) in said
    assert file.read_text("utf-8") == "x" * length


def test_an_export_never_overwrites_a_file_and_is_private(tmp_path: Path) -> None:
    first, second = (to_file("text", "r", "md", tmp_path) for _ in range(2))

    assert first != second
    assert first.stat().st_mode & 0o777 == 0o600
