"""What leaves the screen: texts to copy, reports to export. Everything in them was cleaned before."""

from typing import TYPE_CHECKING, Final

from diagnostics.cli.output import PLAIN
from diagnostics.report.formats import FORMATS
from diagnostics.report.model import Diagnosis, Report
from kb.records.models import Entry
from kb.rendering.render import to_text
from kb.rendering.sections import sections
from tui.entry.lines import fix_lines, plain, result_lines
from tui.shared.placeholders import options_of, values_of
from tui.shared.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SUFFIXES: Final = {"markdown": "md", "json": "json", "junit": "xml", "human": "txt"}


def copy_text(what: str, entry: Entry | None, state: State, report: Report | None) -> str:
    """The text of one kind of copy; empty where there is nothing of it."""
    makers: Mapping[str, Callable[[], str]] = {
        "fix": lambda: _fix(entry, state),
        "evidence": lambda: _evidence(state, report),
        "link": lambda: _link(entry, state),
        "all": lambda: exported("markdown", report) if report else _whole(entry, state),
    }
    return makers[what]()


def exported(name: str, report: Report) -> str:
    """A report in one of the formats."""
    return FORMATS[name](report, PLAIN)


def fix_code(diagnosis: Diagnosis) -> str:
    """The commands of a fix alone, ready to be pasted."""
    return "\n".join(step.code.strip() for step in diagnosis.fix if step.kind != "manual")


def _fix(entry: Entry | None, state: State) -> str:
    if entry is None:
        return ""
    told = (one for report in reversed(state.reports) for one in report.diagnoses if one.entry == entry.id)
    diagnosis = next((one for one in told if one.fix), None)
    if diagnosis is None:
        return ""
    return fix_code(diagnosis) or plain(list(fix_lines(diagnosis)))


def _evidence(state: State, report: Report | None) -> str:
    values = values_of(state.target)
    results = report.results if report else ()
    return "\n".join(
        plain(list(result_lines(one, state.catalogue, values, state.symbols))) for one in results
    )


def _link(entry: Entry | None, state: State) -> str:
    if entry is None:
        return ""
    return state.site(entry.id) or f"clearpay-doctor explain {entry.id}"


def _whole(entry: Entry | None, state: State) -> str:
    if entry is None:
        return ""
    return to_text(entry, sections(entry, values_of(state.target), options=options_of(state.target)))
