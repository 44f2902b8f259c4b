"""Sizes, times and sentences that the formats of a scan share."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from diagnostics.scan.report import Counts, ErrorLines, Incident, LogLine, ScanReport, Step

MAX_SOURCES: Final = 3
BARS: Final = "▁▂▃▄▅▆▇█"
ASCII_BARS: Final = ".:-=+*%#"
_UNITS: Final = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def size_text(count: int) -> str:
    """Return a number of bytes with its unit: `212 MB`."""
    return next((f"{count / unit:.3g} {name}" for unit, name in _UNITS if count >= unit), f"{count} bytes")


def number(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: `1 file`, `1,200 lines`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """Return a duration: `45 s`, `7 min 35 s`, `2 h 5 min`, `3 d`."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s" if whole % _MINUTE else f"{whole // _MINUTE} min"
    if whole < 2 * _DAY:
        minutes = whole % _HOUR // _MINUTE
        return f"{whole // _HOUR} h {minutes} min" if minutes else f"{whole // _HOUR} h"
    return f"{whole // _DAY} d"


def parsed(time: str) -> datetime:
    """Return the time of a report."""
    return datetime.fromisoformat(time)


def between(start: str, end: str) -> float:
    """Return the seconds from one time of a report to another."""
    return (parsed(end) - parsed(start)).total_seconds()


def clock(time: str, report: ScanReport) -> str:
    """Return a time as `12:14:05`, with its date if the logs span more than one."""
    if not time:
        return "no time"
    is_one_day = report.start[:10] == report.end[:10]
    return time[11:19] if is_one_day else f"{time[:10]} {time[11:19]}"


def span(start: str, end: str, report: ScanReport) -> str:
    """Return the span of two times: `12:14:05 to 12:21:40`."""
    first, last = clock(start, report), clock(end, report)
    return first if first == last else f"{first} to {last}"


def head_line(report: ScanReport) -> str:
    """Return the line about what was read."""
    text = (
        f"{number(report.lines, 'line')} ({size_text(report.bytes)}) in {number(len(report.inputs), 'file')}"
    )
    if report.start:
        ends = report.end[:19].replace("T", " ")
        ends = ends[11:] if report.end[:10] == report.start[:10] else ends
        text += f", {report.start[:19].replace('T', ' ')} to {ends} {report.timezone}"
    return f"{text}, read in {report.seconds:.1f} s"


def place(line: LogLine) -> str:
    """Return the place of a line: source, file and number."""
    where = f"{line.file} line {line.line:,}"
    return where if line.source in ("", line.file) else f"{line.source}, {where}"


def sources_text(lines: ErrorLines) -> str:
    """Return the largest sources."""
    names = [source.name for source in lines.sources if source.name]
    more = len(names) - MAX_SOURCES
    return ", ".join(names[:MAX_SOURCES]) + (f" and {more} more" if more > 0 else "")


def rate(lines: ErrorLines) -> str:
    """Return the mean number of records: `12 a minute`, `3 an hour`."""
    seconds = between(lines.first.time, lines.last.time) if lines.first.time and lines.last.time else 0
    if seconds <= 0:
        return number(lines.count, "record")
    a_minute = lines.count * _MINUTE / seconds
    return f"{a_minute:.3g} a minute" if a_minute >= 1 else f"{a_minute * _MINUTE:.3g} an hour"


def step_name(step: Step) -> str:
    """Return the entry of a step, or the template of an error that no entry knows."""
    return step.entry or step.template


def lines_of_step(step: Step, report: ScanReport) -> ErrorLines | None:
    """Return the counts of the entry or the group of a step; None for a group that the report leaves out."""
    known = {entry.entry: entry.lines for entry in report.entries}
    unknown = {group.template: group.lines for group in report.unknown}
    return known.get(step.entry) if step.entry else unknown.get(step.template)


def shown_steps(incident: Incident, limit: int) -> list[Step]:
    """Return the steps of an incident: all of entries, and the largest of errors that no entry knows."""
    unknown = sorted((step for step in incident.steps if not step.entry), key=lambda step: -step.count)[
        :limit
    ]
    return [step for step in incident.steps if step.entry or step in unknown]


def sparkline(counts: Counts, start: str, end: str, columns: int, bars: str = BARS) -> str:
    """Return counts between two times as one character a column; a blank is a column without a record."""
    heights = columns_of(counts, start, end, columns)
    top = max(heights, default=0)
    return "".join(
        bars[min(len(bars) - 1, count * len(bars) // (top + 1))] if count else " " for count in heights
    )


def columns_of(counts: Counts, start: str, end: str, columns: int) -> Sequence[int]:
    """Return the number of records in each of so many equal parts of a span."""
    heights = [0] * columns
    if not start or not end:
        return heights
    length = max(between(start, end), 1.0)
    for interval in counts.intervals:
        middle = parsed(interval.start) + timedelta(seconds=counts.interval_s / 2)
        at = int((middle - parsed(start)).total_seconds() / length * columns)
        if -1 <= at <= columns:
            heights[min(columns - 1, max(0, at))] += interval.count
    return heights
