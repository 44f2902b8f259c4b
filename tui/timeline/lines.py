"""Rows and lines of a scanned log: its incidents, steady errors, and errors that no entry knows. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnostics.scan.formats.wording import ASCII_BARS, BARS, between, clock, duration, sparkline
from kb.text.logs.log_prefixes import strip_prefix
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.scan.report import ErrorLines, Incident, LogLine, ScanReport, Step
    from tui.style.theme import Symbols

SPARK: Final = 12
TIME_COLUMNS: Final = 20
NAME_COLUMNS: Final = 30
MAX_SOURCES: Final = 5


@dataclass(frozen=True, slots=True)
class Cluster:
    """Errors of one kind: those of one entry, or those of one template that no entry knows."""

    key: str
    entry: str
    """Empty for errors that no entry knows."""
    name: str
    """Title of the entry, or the template."""
    count: int
    first: "LogLine"
    last: "LogLine"
    lines: "ErrorLines | None"
    """All errors of the kind; None where they are not among the largest groups."""
    root: str = ""
    """Entry of the incident that leads to this one."""
    span: tuple[str, str] | None = None
    """Start and end of the incident."""


def clusters_of(report: "ScanReport") -> Iterator[tuple[str, "Sequence[Cluster]"]]:
    """Yield headings with their clusters: each incident, then steady errors, then unknown ones."""
    titles = {item.entry: item.title for item in report.entries}
    by_name = {item.template: item.lines for item in report.unknown}
    by_name |= {item.entry: item.lines for item in report.entries}
    for number, incident in enumerate(report.incidents, 1):
        length = duration(between(incident.start, incident.end))
        heading = f"Incident {number}: {clock(incident.start, report)}, {length}"
        yield (
            heading,
            [
                _step_cluster(f"{number} {place}", step, incident, titles, by_name)
                for place, step in enumerate(incident.steps)
            ],
        )
    listed = {step.entry for incident in report.incidents for step in incident.steps}
    rest = [item for item in report.entries if item.entry not in listed]
    if rest:
        yield (
            "All the time, or without a time",
            [_cluster(f"entry {item.entry}", item.entry, item.title, item.lines) for item in rest],
        )
    if report.unknown:
        yield (
            f"Errors that no entry knows: {report.unknown_errors} records",
            [
                _cluster(f"unknown {place}", "", item.template, item.lines)
                for place, item in enumerate(report.unknown)
            ],
        )


def _step_cluster(
    key: str,
    step: "Step",
    incident: "Incident",
    titles: Mapping[str, str],
    by_name: Mapping[str, "ErrorLines"],
) -> Cluster:
    lines = by_name.get(step.entry or step.template)
    name = titles.get(step.entry, step.entry) if step.entry else step.template
    last = lines.last if lines else step.first
    span = (incident.start, incident.end)
    return Cluster(key, step.entry, name, step.count, step.first, last, lines, step.root, span)


def _cluster(key: str, entry: str, name: str, lines: "ErrorLines") -> Cluster:
    return Cluster(key, entry, name, lines.count, lines.first, lines.last, lines)


def cluster_rows(report: "ScanReport", symbols: "Symbols") -> Iterator[Row]:
    """Yield the rows of all clusters, with a heading above each incident."""
    for heading, clusters in clusters_of(report):
        yield Row(f"heading {heading}", (Piece(heading, "good", -1),), heading=True)
        yield from (_row(cluster, report, symbols) for cluster in clusters)


def _row(cluster: Cluster, report: "ScanReport", symbols: "Symbols") -> Row:
    bars = ASCII_BARS if symbols.ascii_only else BARS
    start, end = cluster.span or (report.start, report.end)
    counts = cluster.lines.over_time if cluster.lines else None
    spark = sparkline(counts, start, end, SPARK, bars) if counts and start else ""
    when = clock(cluster.first.time, report) if cluster.first.time else ""
    indent = "  " if cluster.root else ""
    return Row(
        cluster.key,
        (
            Piece(f" {when}", "dim", TIME_COLUMNS),
            Piece(f"{cluster.count:,}x ".rjust(9)),
            Piece(f"{spark:<{SPARK}} ", "dim"),
            Piece(f"{indent}{cluster.entry or '?'} ", None if cluster.entry else "warn"),
            Piece(cluster.name, "dim", -1),
        ),
    )


def cluster_lines(cluster: Cluster, report: "ScanReport") -> Iterator[Line]:
    """Yield what is known of a cluster: first and last record, sources, and what it follows from."""
    yield Line(cluster.name, "strong")
    if cluster.root:
        yield Line(f"Follows from {cluster.root}.")
    yield from _record_lines("first", cluster.first, report)
    if cluster.last != cluster.first:
        yield from _record_lines("last", cluster.last, report)
    if cluster.lines:
        sources = [f"{source.name} {source.count:,}x" for source in cluster.lines.sources[:MAX_SOURCES]]
        yield Line(f"sources  {', '.join(sources)}", hang=9)
    yield Line("enter diagnoses the first record" + (" and its entry." if cluster.entry else "."), "good")


def _record_lines(label: str, line: "LogLine", report: "ScanReport") -> Iterator[Line]:
    when = clock(line.time, report) if line.time else "without a time"
    yield Line(
        f"{label.ljust(9)}{when} {report.timezone} in {line.source}, {line.file} line {line.line:,}", "dim"
    )
    yield Line(strip_prefix(line.text).strip() or line.text, None, "          ", "code")
