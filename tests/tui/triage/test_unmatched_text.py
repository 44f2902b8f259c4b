"""A text that no known error matches: Triage says so, also after a probe has confirmed something."""

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.context import Context
from diagnostics.exit_codes import ExitCode
from diagnostics.report.model import UNMATCHED
from diagnostics.run.examination import create_run, new_report
from diagnostics.targets.target import Target, endpoint
from diagnostics.targets.target_file import Config
from kb.matching.index_compiler import compile_index
from kb.records.loader import load_entries
from kb.text.sanitize import clean
from tests.tui.function_probe import FunctionProbe
from tui.services.summary import summary
from tui.shared.probe_runner import ProbeRun
from tui.shared.state import State
from tui.triage.lines import detail_lines
from tui.triage.session import TriageSession

ENTRY = "db-connection-refused"
TARGET = Target("here", (endpoint("postgresql://app@127.0.0.1:1/db"),))


def ran(*codes: str) -> TriageSession:
    """Return the session of an unknown text whose only probe has made these findings."""

    def examine(context: Context) -> None:
        for code in codes:
            context.finding(code)

    entry = load_entries()[ENTRY]
    probe = FunctionProbe(examine, FINDINGS=("connect.refused", "connect.socket_missing"))
    catalogue = Catalogue({ENTRY: entry}, {"connect": probe})
    state = State(catalogue, compile_index([entry]), Config(), target=TARGET)
    session = TriageSession(state, clean("the frobnicator has lost its marbles"))
    examination = state.examination(["connect"], session.text_matches)
    session.begin(examination)
    run = ProbeRun(examination, new_report(examination), create_run(examination))
    run.events = tuple(run.run)
    session.update(run)
    return session


def details(session: TriageSession) -> str:
    candidate = session.candidates[0] if session.candidates else ""
    return "\n".join(line.text for line in detail_lines(session, "candidate", candidate, None))


def test_a_target_whose_probes_pass_does_not_answer_for_the_text() -> None:
    session = ran()
    report = session.final_report()

    assert report is not None
    assert (report.text_matched, report.exit_code) == (False, ExitCode.UNDETERMINED)
    assert details(session).startswith(UNMATCHED)
    session.state.add_report(report)
    assert UNMATCHED in summary(session.state, 80)


def test_what_a_probe_confirms_stands_below_the_statement() -> None:
    session = ran("connect.refused")
    report = session.final_report()

    assert report is not None
    assert (report.text_matched, report.exit_code) == (False, ExitCode.FOUND)
    assert session.confirmed == [ENTRY]
    assert details(session).startswith(f"{UNMATCHED} The probes found this:")


def test_an_entry_that_was_chosen_has_no_text() -> None:
    session = TriageSession(ran().state, chosen_entry=ENTRY)

    assert session.report is not None
    assert session.report.text_matched is None
    assert not session.is_unmatched
