"""The human format of a scan: incidents first, each with what broke first, when, where and what followed."""

from collections.abc import Iterator, Mapping
from typing import Final

from diagnostics.scan.formats.wording import (
    ASCII_BARS,
    BARS,
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
    step_name,
)
from diagnostics.scan.report import Incident, ScanReport, Step
from diagnostics.terminal import Terminal
from kb.text.logs.log_prefixes import strip_prefix
from kb.text.wrapping import wrap_verbatim

_SPARK: Final = 12
_SOURCES: Final = 26
"""Columns of the sources."""
_MAX_EXCERPT: Final = 2
"""Lines of the first error."""
_MAX_UNKNOWN_STEPS: Final = 3
_MAX_GROUPS: Final = 5
_MAX_NOT_READ: Final = 10


def render(report: ScanReport, terminal: Terminal) -> str:
    """Return the report as text for a terminal."""
    return "\n".join([*_lines(report, terminal), ""])


def _lines(report: ScanReport, terminal: Terminal) -> Iterator[str]:
    yield head_line(report)
    if report.not_read:
        yield terminal.paint(
            f"Not all was read: {number(len(report.not_read), 'part')} missing, see below", "warn"
        )
    if not report.entries:
        yield "No known error is in these logs."
    for position, incident in enumerate(report.incidents, 1):
        yield ""
        yield from _incident(position, incident, report, terminal)
    yield from _steady(report, terminal)
    yield from _untimed(report)
    yield from _unknown(report, terminal)
    yield from _end(report)


def _incident(position: int, incident: Incident, report: ScanReport, terminal: Terminal) -> Iterator[str]:
    titles = {entry.entry: entry.title for entry in report.entries}
    root = next(step for step in incident.steps if step.entry)
    length = duration(between(incident.start, incident.end))
    head = f"Incident {position}  {span(incident.start, incident.end, report)} ({length})"
    yield terminal.paint(head, "strong")
    for label in incident.markers:
        time = next(marker.time for marker in report.markers if marker.label == label)
        yield f"  marker {label} {_relation(time, incident.start)}"
    yield f"  first: {terminal.paint(root.entry, 'bad')}  {titles[root.entry]}"
    yield f"         {clock(root.start, report)} in {place(root.first)}"
    for line in wrap_verbatim(strip_prefix(root.first.text).strip(), terminal.width - 9)[:_MAX_EXCERPT]:
        yield f"         {terminal.paint(line, 'dim')}"
    for step in shown_steps(incident, _MAX_UNKNOWN_STEPS):
        yield _step(step, incident, report, terminal)
    yield f"  more: {incident.next}"


def _relation(time: str, start: str) -> str:
    seconds = between(time, start)
    return f"{duration(seconds)} before it" if seconds >= 0 else f"{duration(-seconds)} after it began"


def _step(step: Step, incident: Incident, report: ScanReport, terminal: Terminal) -> str:
    lines = lines_of_step(step, report)
    indent = "  " * _depth(step, {other.entry: other.root for other in incident.steps if other.entry})
    name = f"{indent}{step_name(step) if step.entry else '? ' + step.template}"
    spark = ""
    if lines:
        bars = BARS if terminal.unicode else ASCII_BARS
        spark = sparkline(lines.over_time, incident.start, incident.end, _SPARK, bars)
    where = sources_text(lines) if lines else step.first.source
    start = clock(step.start, report)
    width = terminal.width - len(start) - _SPARK - _SOURCES - 16
    text = f"  {start}  {_padded(name, width)} {step.count:>6,}x  {spark:<{_SPARK}}  {where}"
    return _cut(text.rstrip(), terminal.width)


def _depth(step: Step, roots: Mapping[str, str]) -> int:
    """Return the number of roots above a step, at most three."""
    depth, name = 0, step.entry
    while name and roots.get(name) and depth < 3:  # noqa: PLR2004  deeper ones are not indented further
        name, depth = roots[name], depth + 1
    return depth


def _steady(report: ScanReport, terminal: Terminal) -> Iterator[str]:
    steady = [entry for entry in report.entries if entry.lines.steady]
    if steady:
        yield ""
        yield terminal.paint("All the time, so not new", "strong")
    for entry in steady:
        yield f"  {terminal.paint(entry.entry, 'warn')}  {entry.title}"
        yield _cut(f"  {rate(entry.lines)}, {sources_text(entry.lines)}", terminal.width)
        yield _cut(f"  {strip_prefix(entry.lines.first.text)}", terminal.width)


def _untimed(report: ScanReport) -> Iterator[str]:
    untimed = [entry for entry in report.entries if not entry.lines.first.time]
    if untimed:
        yield ""
    for entry in untimed:
        yield f"{entry.entry}  {entry.title}: {number(entry.lines.count, 'record')} without a time"
        yield f"  {place(entry.lines.first)}: {entry.lines.first.text}"


def _unknown(report: ScanReport, terminal: Terminal) -> Iterator[str]:
    if not report.unknown:
        return
    yield ""
    heading = f"Errors that no entry knows: {number(report.unknown_errors, 'record')}; the largest groups"
    yield terminal.paint(heading, "strong")
    for group in report.unknown[:_MAX_GROUPS]:
        when = span(group.lines.first.time, group.lines.last.time, report)
        steady = ", all the time" if group.lines.steady else ""
        yield _cut(f"  {group.lines.count:>7,}x  {group.template}", terminal.width)
        yield _cut(f"           {when}{steady}; {sources_text(group.lines)}", terminal.width)


def _end(report: ScanReport) -> Iterator[str]:
    if report.not_read:
        yield ""
        yield "Not read"
        yield from (f"  {part.name}: {part.reason}" for part in report.not_read[:_MAX_NOT_READ])
        if more := len(report.not_read) - _MAX_NOT_READ:
            yield from [f"  and {more} more"] if more > 0 else []
    for note in report.notes:
        yield f"note: {note}"


def _padded(text: str, width: int) -> str:
    return _cut(text, width).ljust(width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
