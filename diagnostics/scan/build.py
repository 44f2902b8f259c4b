"""Construction of the report of a scan from its result."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import Final

from diagnostics.errors import Terminated
from diagnostics.exit_codes import ExitCode
from diagnostics.scan.report import (
    Counts,
    ErrorLines,
    Incident,
    InputRead,
    KnownError,
    LogLine,
    Marker,
    ScanReport,
    SourceCount,
    Step,
    TimeCount,
    UnknownError,
    Unread,
)
from diagnostics.scan.runner import ScanResult
from diagnostics.targets.command_line.shell_words import explain_command
from diagnostics.version import __version__
from kb.scan.clusters import clusters_of
from kb.scan.incidents import Burst, incidents_of, is_steady
from kb.scan.incidents import Incident as Bursts
from kb.scan.summary import Tally
from kb.scan.timeline import Occurrence

MAX_UNKNOWN: Final = 12
"""Groups of unknown errors that a report has."""
MARKER_BEFORE_S: Final = 1_800.0
"""Seconds before an incident in which a marker belongs to it."""


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """Facts about an entry that a report of a scan needs."""

    title: str
    layer: str
    leads_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Facts about the entries, and the options of a report."""

    entries: Mapping[str, EntryFacts]
    zone: tzinfo = UTC
    markers: Sequence[tuple[str, float]] = ()
    """Labels and times in seconds since 1970."""
    notes: Sequence[str] = field(default_factory=tuple)
    kb: tuple[str, ...] = ()
    """Folders of a team's own entries, for the commands of the report."""


def build_report(result: ScanResult, options: ReportOptions) -> ScanReport:
    """Return the report of a scan."""
    return _Builder(result, options).report()


class _Builder:
    """Report in the making."""

    def __init__(self, result: ScanResult, options: ReportOptions) -> None:
        self.result, self.options, self.summary = result, options, result.summary
        self.lines_before = _lines_before(result)

    def report(self) -> ScanReport:
        """Return the report."""
        parts = self.summary.parts.values()
        leads_to = {entry: facts.leads_to for entry, facts in self.options.entries.items()}
        incidents = incidents_of(self.summary, leads_to)
        return ScanReport(
            tool_version=__version__,
            inputs=tuple(self._inputs()),
            bytes=sum(part.size for part in parts),
            lines=sum(part.lines for part in parts),
            start=self._time(self.summary.start),
            end=self._time(self.summary.end),
            timezone=_zone_name(self.options.zone),
            seconds=round(self.result.seconds, 3),
            matched=bool(self.summary.entries),
            incidents=tuple(self._incident(incident) for incident in incidents),
            entries=tuple(self._entries()),
            unknown_errors=self.summary.errors,
            unknown=tuple(self._unknown()),
            markers=tuple(Marker(label=label, time=self._time(time)) for label, time in self.options.markers),
            not_read=tuple(Unread(name=part.name, reason=part.reason) for part in self.result.not_read),
            notes=tuple(self._notes()),
            exit_code=int(exit_code_of(self.result)),
        )

    def _inputs(self) -> Iterator[InputRead]:
        for number, item in enumerate(self.result.inputs):
            parts = [part for (file, _), part in self.summary.parts.items() if file == number]
            if parts:
                size, lines = sum(part.size for part in parts), sum(part.lines for part in parts)
                yield InputRead(name=item.label, bytes=size, lines=lines)

    def _entries(self) -> Iterator[KnownError]:
        for entry, tally in sorted(self.summary.entries.items(), key=lambda item: (item[1].first, item[0])):
            facts = self.options.entries.get(entry, EntryFacts(entry, ""))
            yield KnownError(
                entry=entry,
                title=facts.title,
                layer=facts.layer,
                alternatives=tuple(sorted(self.summary.alternatives.get(entry, ()))),
                lines=self._error_lines(tally),
            )

    def _unknown(self) -> Iterator[UnknownError]:
        for template, tally in islice(clusters_of(self.summary.groups).items(), MAX_UNKNOWN):
            yield UnknownError(template=template, lines=self._error_lines(tally))

    def _error_lines(self, tally: Tally) -> ErrorLines:
        counts = sorted(tally.sources.items(), key=lambda item: (-item[1], item[0]))
        buckets = sorted(tally.timeline.buckets.items())
        return ErrorLines(
            count=tally.count,
            first=self._line(tally.first),
            last=self._line(tally.last),
            sources=tuple(SourceCount(name=name, count=count) for name, count in counts),
            over_time=Counts(
                interval_s=tally.timeline.width,
                intervals=tuple(
                    TimeCount(start=self._time(start), count=bucket.size) for start, bucket in buckets
                ),
            ),
            steady=is_steady(tally, self.summary),
        )

    def _incident(self, incident: Bursts) -> Incident:
        root = next(burst for burst in incident.bursts if burst.is_known)
        return Incident(
            start=self._time(incident.start),
            end=self._time(incident.end),
            steps=tuple(self._step(burst, incident.roots) for burst in incident.bursts),
            markers=tuple(
                label
                for label, time in self.options.markers
                if incident.start - MARKER_BEFORE_S <= time <= incident.end
            ),
            next=explain_command(root.name, self.options.kb),
        )

    def _step(self, burst: Burst, roots: Mapping[str, str]) -> Step:
        return Step(
            entry=burst.name if burst.is_known else "",
            template="" if burst.is_known else burst.name,
            count=burst.count,
            start=self._time(burst.start),
            end=self._time(burst.end),
            first=self._line(burst.first),
            root=roots.get(burst.name, "") if burst.is_known else "",
        )

    def _line(self, occurrence: Occurrence) -> LogLine:
        before = self.lines_before.get((occurrence.file, occurrence.chunk), 0)
        return LogLine(
            time=self._time(occurrence.time),
            file=self.result.inputs[occurrence.file].label,
            line=before + occurrence.line,
            source=occurrence.source,
            text=occurrence.text,
        )

    def _time(self, time: float) -> str:
        if time in (float("inf"), float("-inf")):
            return ""
        return datetime.fromtimestamp(time, self.options.zone).isoformat(timespec="milliseconds")

    def _notes(self) -> Iterator[str]:
        yield from self.options.notes
        untimed = sum(tally.untimed for tally in _tallies(self.result))
        if untimed:
            yield f"{untimed:,} error records have no time: incidents and counts over time leave them out"
        if self.summary.left_out:
            yield f"{self.summary.left_out:,} error records are outside the time window and not counted"
        if self.summary.cut:
            yield f"{self.summary.cut:,} records are longer than 16 kB: their beginnings were read"


def exit_code_of(result: ScanResult) -> ExitCode:
    """Return the exit code of a scan."""
    if result.interrupted is not None:
        is_term = isinstance(result.interrupted, Terminated)
        return ExitCode.TERMINATED if is_term else ExitCode.INTERRUPTED
    if result.summary.entries:
        return ExitCode.OK
    if not result.summary.parts and result.not_read:
        return ExitCode.USAGE
    return ExitCode.UNDETERMINED if result.not_read else ExitCode.FOUND


def _tallies(result: ScanResult) -> Iterable[Tally]:
    return [*result.summary.entries.values(), *result.summary.groups.tallies.values()]


def _lines_before(result: ScanResult) -> dict[tuple[int, int], int]:
    """Return the lines of a file before each of its chunks; lines that were not read are missing in it."""
    before: dict[tuple[int, int], int] = {}
    file, lines = -1, 0
    for key, part in sorted(result.summary.parts.items()):
        if key[0] != file:
            file, lines = key[0], 0
        before[key] = lines
        lines += part.lines
    return before


def _zone_name(zone: tzinfo) -> str:
    return getattr(zone, "key", None) or str(zone)
