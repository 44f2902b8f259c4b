"""Texts to copy and reports to export. All of them were cleaned and masked before."""

from typing import TYPE_CHECKING, Final

from diagnostics.cli.output import PLAIN
from diagnostics.report.formats import FORMATS
from diagnostics.report.model import Diagnosis, Report
from kb.records.models import Entry
from kb.rendering.render import to_text
from kb.rendering.sections import sections
from tui.entry.lines import fix_lines, plain_text, result_lines
from tui.shared.placeholders import options_of, values_of
from tui.shared.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PASTED: Final = frozenset({"sql", "python", "shell"})
"""Kinds of steps whose code is pasted; instructions and messages are read."""
SUFFIXES: Final = {"markdown": "md", "json": "json", "junit": "xml", "human": "txt"}


def copy_text(kind: str, entry: Entry | None, state: State, report: Report | None) -> str:
    """Return the text to copy for `fix`, `evidence`, `link` or `all`; empty if there is none."""
    makers: Mapping[str, Callable[[], str]] = {
        "fix": lambda: _fix_text(entry, state),
        "evidence": lambda: _evidence_text(state, report),
        "link": lambda: _link(entry, state),
        "all": lambda: exported("markdown", report) if report else _entry_text(entry, state),
    }
    return makers[kind]()


def exported(name: str, report: Report) -> str:
    """Return a report in one of the formats."""
    return FORMATS[name](report, PLAIN)


def fix_commands(diagnosis: Diagnosis) -> str:
    """Return the commands of a fix without their titles, to be pasted; empty if one has to be chosen."""
    if any(step.ways for step in diagnosis.fix):
        return ""  # which of the ways is right is not known: pasted at once they would all run
    return "\n".join(step.code.strip() for step in diagnosis.fix if step.kind in PASTED)


def _fix_text(entry: Entry | None, state: State) -> str:
    if entry is None:
        return ""
    diagnoses = (diagnosis for report in reversed(state.reports) for diagnosis in report.diagnoses)
    with_fix = (diagnosis for diagnosis in diagnoses if diagnosis.entry == entry.id and diagnosis.fix)
    diagnosis = next(with_fix, None)
    if diagnosis is None:
        return ""
    return fix_commands(diagnosis) or plain_text(list(fix_lines(diagnosis)))


def _evidence_text(state: State, report: Report | None) -> str:
    values = values_of(state.target)
    results = report.results if report else ()
    return "\n".join(
        plain_text(list(result_lines(result, state.catalogue, values, state.symbols))) for result in results
    )


def _link(entry: Entry | None, state: State) -> str:
    if entry is None:
        return ""
    return state.page_url(entry.id) or f"clearpay-doctor explain {entry.id}"


def _entry_text(entry: Entry | None, state: State) -> str:
    if entry is None:
        return ""
    return to_text(
        entry, sections(entry, values_of(state.target), options=options_of(state.target, state.kb_option))
    )
