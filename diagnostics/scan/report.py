"""Report of a scan: the model from which every format is rendered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """Line of a log, with secrets masked."""

    time: str
    """ISO 8601 in the zone of the scan; empty without a time."""
    file: str
    line: int
    """Number of the first line of its record, from 1."""
    source: str
    """Pod, unit, host or logger; the file where the record names none."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCount:
    """Records of one source."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCount:
    """Records of one interval."""

    start: str
    """ISO 8601."""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Records over time; intervals without one are left out."""

    interval_s: int
    """Seconds of an interval."""
    intervals: tuple[TimeCount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLines:
    """Records of one entry, or of one group of errors that no entry knows."""

    count: int
    first: LogLine
    last: LogLine
    sources: tuple[SourceCount, ...]
    """Sources by their number of records, at most 300."""
    over_time: Counts
    steady: bool
    """True if the errors neither began nor grew within the span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownError:
    """Entry that log records prove."""

    entry: str
    title: str
    layer: str
    alternatives: tuple[str, ...]
    """Entries that the same lines would prove; a probe tells them apart."""
    lines: ErrorLines


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownError:
    """Group of error records that no entry knows."""

    template: str
    """Their line, with `<*>` for what varies."""
    lines: ErrorLines


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Errors of one kind within an incident."""

    entry: str
    """Id; empty for errors that no entry knows."""
    template: str
    """Template of errors that no entry knows; empty for an entry."""
    count: int
    start: str
    """ISO 8601."""
    end: str
    """ISO 8601."""
    first: LogLine
    root: str
    """Entry of the incident that leads to this one; empty for a root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Errors that overlap in time: the first one, and what followed."""

    start: str
    """ISO 8601."""
    end: str
    """ISO 8601."""
    steps: tuple[Step, ...]
    """By time, each root before its consequences."""
    markers: tuple[str, ...]
    """Markers within the incident or in the 30 minutes before it."""
    next: str
    """Command that prints the page of the first error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """Event that the user named, such as a deployment."""

    label: str
    time: str
    """ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRead:
    """Input and what was read of it."""

    name: str
    bytes: int
    """Bytes that were read, decompressed."""
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Part of the input that was not read."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """Report of one scan."""

    schema_version: str = "1"
    tool_version: str
    inputs: tuple[InputRead, ...]
    bytes: int
    """Bytes that were read, decompressed."""
    lines: int
    start: str
    """Earliest time in the logs, ISO 8601; empty if no line has a time."""
    end: str
    """Latest time in the logs."""
    timezone: str
    """Zone of times that name none, and of the times in this report."""
    seconds: float
    """Duration of the scan."""
    matched: bool
    """True if an entry is known."""
    incidents: tuple[Incident, ...]
    entries: tuple[KnownError, ...]
    """Entries by the time of their first records."""
    unknown_errors: int
    """Error records that no entry knows."""
    unknown: tuple[UnknownError, ...]
    """The largest groups of them."""
    markers: tuple[Marker, ...]
    not_read: tuple[Unread, ...]
    notes: tuple[str, ...]
    exit_code: int
