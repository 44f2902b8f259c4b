"""The Markdown format of a scan, for a ticket: incidents, tables of what followed, unknown errors."""

from collections.abc import Iterator
from typing import Final

from diagnostics.scan.formats.wording import (
    between,
    clock,
    duration,
    head_line,
    lines_of_step,
    number,
    place,
    rate,
    shown_steps,
    sources_text,
    span,
    sparkline,
)
from diagnostics.scan.report import Incident, ScanReport, Step
from diagnostics.terminal import Terminal
from kb.text.markdown import code_block, code_span, escaped

_SPARK: Final = 20
_MAX_UNKNOWN_STEPS: Final = 3


def render(report: ScanReport, _terminal: Terminal) -> str:
    """Return the report as Markdown."""
    return "\n".join([*_lines(report), ""])


def _lines(report: ScanReport) -> Iterator[str]:
    yield "# Scan of logs"
    yield ""
    yield f"{head_line(report)}."
    if not report.entries:
        yield ""
        yield "No known error is in these logs."
    for position, incident in enumerate(report.incidents, 1):
        yield from _incident(position, incident, report)
    steady = [entry for entry in report.entries if entry.lines.steady]
    if steady:
        yield from ("", "## All the time, so not new", "")
        yield from (
            f"- {code_span(entry.entry)}: {rate(entry.lines)}, {code_span(sources_text(entry.lines))}"
            for entry in steady
        )
    yield from _unknown(report)
    if report.not_read:
        yield from ("", "## Not read", "")
        yield from (f"- {code_span(part.name)}: {part.reason}" for part in report.not_read)
    if report.notes:
        yield from ("", *(f"Note: {note}" for note in report.notes))


def _incident(position: int, incident: Incident, report: ScanReport) -> Iterator[str]:
    titles = {entry.entry: entry.title for entry in report.entries}
    root = next(step for step in incident.steps if step.entry)
    length = duration(between(incident.start, incident.end))
    yield from ("", f"## Incident {position}: {span(incident.start, incident.end, report)} ({length})", "")
    for label in incident.markers:
        time = next(marker.time for marker in report.markers if marker.label == label)
        yield from (f"Marker {code_span(label)} at {clock(time, report)}.", "")
    where = f"{clock(root.start, report)} in {escaped(place(root.first))}"
    yield f"**First: {root.entry}** ({titles[root.entry]}), {where}."
    yield from (
        "",
        code_block(root.first.text, "text"),
        "",
        "| from | error | records | over time | sources |",
    )
    yield "|---|---|---:|---|---|"
    yield from (_row(step, incident, report) for step in shown_steps(incident, _MAX_UNKNOWN_STEPS))
    yield from ("", f"More: {code_span(incident.next)}")


def _row(step: Step, incident: Incident, report: ScanReport) -> str:
    lines = lines_of_step(step, report)
    spark = sparkline(lines.over_time, incident.start, incident.end, _SPARK).strip() if lines else ""
    name = escaped(step.entry or step.template) + (f" (follows from {step.root})" if step.root else "")
    where = sources_text(lines) if lines else step.first.source
    cells = (clock(step.start, report), name, f"{step.count:,}", spark, escaped(where))
    return f"| {' | '.join(cells)} |"


def _unknown(report: ScanReport) -> Iterator[str]:
    if not report.unknown:
        return
    yield from ("", f"## Errors that no entry knows: {number(report.unknown_errors, 'record')}", "")
    yield from ("| records | template | span | sources |", "|---:|---|---|---|")
    for group in report.unknown:
        when = span(group.lines.first.time, group.lines.last.time, report)
        where = sources_text(group.lines)
        cells = (f"{group.lines.count:,}", escaped(group.template), when, escaped(where))
        yield f"| {' | '.join(cells)} |"
