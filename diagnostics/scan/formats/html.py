"""The HTML format of a scan: one file without references, with a timeline that fits a phone and paper."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from diagnostics.scan.formats.timeline import axis, row
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
)
from diagnostics.scan.report import ErrorLines, Incident, ScanReport, Step
from diagnostics.terminal import Terminal

_MAX_UNKNOWN_STEPS: Final = 3
_STYLE: Final = Path(__file__).with_name("scan.css")


def render(report: ScanReport, _terminal: Terminal) -> str:
    """Return the report as an HTML document."""
    return "\n".join([*_document(report), ""])


def _document(report: ScanReport) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{escape(_title(report))}</title><style>{_STYLE.read_text('utf-8')}</style></head>"
    yield "<body><main>"
    yield f"<h1>{escape(_title(report))}</h1><p>{escape(head_line(report))}.</p>"
    if report.not_read:
        yield f'<p class="warn">Not all was read: <a href="#not-read">{len(report.not_read)} missing</a>.</p>'
    if report.start and (report.entries or report.unknown):
        yield from _timeline(report)
    for position, incident in enumerate(report.incidents, 1):
        yield from _incident(position, incident, report)
    yield from _steady(report)
    yield from _unknown(report)
    yield from _end(report)
    yield "</main></body></html>"


def _title(report: ScanReport) -> str:
    if report.incidents:
        return f"{number(len(report.incidents), 'incident')} in {number(report.lines, 'line')} of logs"
    known = number(len(report.entries), "known error")
    return f"{known if report.entries else 'No known error'} in {number(report.lines, 'line')} of logs"


def _timeline(report: ScanReport) -> Iterator[str]:
    yield '<section class="timeline"><h2>Timeline</h2>'
    yield axis(report)
    for entry in report.entries:
        yield row(report, entry.entry, entry.lines, "known")
    for group in report.unknown[:_MAX_UNKNOWN_STEPS]:
        yield row(report, group.template, group.lines, "unknown")
    yield "</section>"


def _incident(position: int, incident: Incident, report: ScanReport) -> Iterator[str]:
    titles = {entry.entry: entry.title for entry in report.entries}
    root = next(step for step in incident.steps if step.entry)
    length = duration(between(incident.start, incident.end))
    yield f"<section><h2>Incident {position}: {span(incident.start, incident.end, report)} ({length})</h2>"
    for label in incident.markers:
        time = next(marker.time for marker in report.markers if marker.label == label)
        yield f"<p>Marker <b>{escape(label)}</b> at {clock(time, report)}.</p>"
    yield f"<p><b>First: {escape(root.entry)}</b> ({escape(titles[root.entry])}), "
    yield f"{clock(root.start, report)} in {escape(place(root.first))}</p>"
    yield f"<pre>{escape(root.first.text)}</pre>"
    yield "<table><tr><th>from<th>error<th>records<th>sources</tr>"
    yield from (_step_row(step, report) for step in shown_steps(incident, _MAX_UNKNOWN_STEPS))
    yield f"</table><p>More: <code>{escape(incident.next)}</code></p></section>"


def _step_row(step: Step, report: ScanReport) -> str:
    lines = lines_of_step(step, report)
    where = sources_text(lines) if lines else step.first.source
    follows = f"<br><small>follows from {escape(step.root)}</small>" if step.root else ""
    kind = "known" if step.entry else "unknown"
    return (
        f"<tr><td>{clock(step.start, report)}<td class={kind}>{escape(step.entry or step.template)}{follows}"
        f'<td class="number">{step.count:,}<td>{escape(where)}</tr>'
    )


def _steady(report: ScanReport) -> Iterator[str]:
    steady = [entry for entry in report.entries if entry.lines.steady]
    if steady:
        yield "<section><h2>All the time, so not new</h2><ul>"
        for entry in steady:
            text = f"{entry.entry}: {rate(entry.lines)}, {sources_text(entry.lines)}"
            yield f"<li>{escape(text)}</li>"
        yield "</ul></section>"


def _unknown(report: ScanReport) -> Iterator[str]:
    if report.unknown:
        count = number(report.unknown_errors, "record")
        yield f"<section><h2>Errors that no entry knows: {count}</h2>"
        yield "<table><tr><th>records<th>template<th>span<th>sources</tr>"
        yield from (_group_row(group.template, group.lines, report) for group in report.unknown)
        yield "</table></section>"


def _group_row(template: str, lines: ErrorLines, report: ScanReport) -> str:
    when = span(lines.first.time, lines.last.time, report)
    return (
        f'<tr><td class="number">{lines.count:,}<td>{escape(template)}'
        f"<td>{escape(when)}<td>{escape(sources_text(lines))}</tr>"
    )


def _end(report: ScanReport) -> Iterator[str]:
    if report.not_read:
        yield '<section id="not-read"><h2>Not read</h2><ul>'
        yield from (f"<li>{escape(part.name)}: {escape(part.reason)}</li>" for part in report.not_read)
        yield "</ul></section>"
    yield from (f"<p><small>Note: {escape(note)}</small></p>" for note in report.notes)
    yield f"<p><small>clearpay-doctor {escape(report.tool_version)}</small></p>"
