"""The summary in the terminal: short, plain, and empty if nothing was done."""

from dataclasses import replace

from diagnostics.report.model import Diagnosis, Report
from tui.services.summary import MAX_LINES, summary
from tui.shared.state import State


def test_the_summary_is_short_and_names_what_was_found(state: State) -> None:
    diagnosis = Diagnosis(
        entry="db-deadlock",
        title="t",
        verdict="confirmed",
        sentence="They deadlock.",
        next=tuple(f"clearpay-doctor verify {n}" for n in range(9)),
    )
    report = Report(tool_version="0", run_id="r", started="s", targets=("prod",), diagnoses=(diagnosis,) * 9)
    state.add_report(report)
    state.add_report(replace(report, run_id="r2"))
    state.notes += [f"written: {n}" for n in range(9)]

    lines = summary(state, 80).splitlines()

    assert len(lines) <= MAX_LINES
    assert "confirmed: db-deadlock: They deadlock." in lines
    assert "\x1b" not in summary(state, 80)


def test_the_summary_of_nothing_is_nothing(state: State) -> None:
    assert summary(state, 80) == ""
