"""The timeline of the HTML format: an SVG a row, stretched to the width of the page, with labels as text."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from html import escape
from typing import Final

from diagnostics.scan.formats.wording import between, clock, columns_of, parsed
from diagnostics.scan.report import ErrorLines, ScanReport

_COLUMNS: Final = 120
_HEIGHT: Final = 24
_TICKS: Final = 4


def axis(report: ScanReport) -> str:
    """Return the labels above the rows: times from left to right, and the markers."""
    length = between(report.start, report.end)
    ticks = []
    for tick in range(_TICKS + 1):
        time = parsed(report.start) + timedelta(seconds=length * tick / _TICKS)
        ticks.append(f"<span>{clock(time.isoformat(timespec='milliseconds'), report)}</span>")
    marks = [
        f'<b style="left:{share * 100:.2f}%">{escape(marker.label)}</b>'
        for marker in report.markers
        if (share := _share(marker.time, report)) is not None
    ]
    return f'<div class="marks">{"".join(marks)}</div><div class="axis">{"".join(ticks)}</div>'


def row(report: ScanReport, label: str, lines: ErrorLines, kind: str) -> str:
    """Return one row: the label, the number of records, and their number over time as bars."""
    heights = columns_of(lines.over_time, report.start, report.end, _COLUMNS)
    top = max(heights, default=0) or 1
    text = f"{label}: {lines.count:,} records"
    shapes = "".join([*_bands(report), *_bars(heights, top), *_marker_lines(report)])
    return (
        f'<div class="row {kind}"><div><span>{escape(label)}</span><span>{lines.count:,}</span></div>'
        f'<svg viewBox="0 0 {_COLUMNS} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(text)}">{shapes}</svg></div>'
    )


def _bars(heights: Sequence[int], top: int) -> Iterator[str]:
    for column, count in enumerate(heights):
        if count:
            height = max(2.0, count / top * _HEIGHT)
            yield (
                f'<rect class="bar" x="{column}" y="{_HEIGHT - height:.1f}" width="1" height="{height:.1f}"/>'
            )


def _bands(report: ScanReport) -> Iterator[str]:
    for incident in report.incidents:
        start, end = _share(incident.start, report), _share(incident.end, report)
        if start is not None:
            width = max(0.5, ((1.0 if end is None else end) - start) * _COLUMNS)
            place = f'x="{start * _COLUMNS:.2f}" y="0" width="{width:.2f}" height="{_HEIGHT}"'
            yield f'<rect class="band" {place}/>'


def _marker_lines(report: ScanReport) -> Iterator[str]:
    for marker in report.markers:
        if (share := _share(marker.time, report)) is not None:
            x = f"{share * _COLUMNS:.2f}"
            yield f'<line class="mark" x1="{x}" x2="{x}" y1="0" y2="{_HEIGHT}"/>'


def _share(time: str, report: ScanReport) -> float | None:
    """Return the place of a time in the span of the logs from 0 to 1, None outside of it."""
    share = between(report.start, time) / max(between(report.start, report.end), 1.0)
    return share if 0 <= share <= 1 else None
