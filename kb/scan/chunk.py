"""Scan of one chunk: literals select lines, and of equal records one is read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, NamedTuple

from kb.matching.literals import literals_of
from kb.scan.masking import dedup_key
from kb.scan.prefilter import Hit, Prefilter
from kb.scan.reading import Reading, ScanSettings, read_record, source_of, time_of_line, time_of_record
from kb.scan.summary import Part, Summary
from kb.scan.tallies import Tallies
from kb.scan.timeline import Occurrence
from kb.scan.windows import MAX_RECORD, record_bounds
from kb.text.sanitize import decode

CONTEXT: Final = 2 * MAX_RECORD
"""Bytes before and behind a chunk that the scan of it may read."""
_EDGE: Final = MAX_RECORD
"""Bytes at each end of a chunk in which its first and its last time are searched."""
_MAX_CACHE: Final = 20_000
_RECORDS_BETWEEN_CLOCKS: Final = 256


class Chunk(NamedTuple):
    """Whole lines of a file, between bytes before and behind them as context."""

    file: int
    """Position of the file in the order of the scan."""
    offset: int
    """Byte offset, in the decompressed file, of the first line of the chunk."""
    text: bytes
    begin: int
    """Position of the first line of the chunk in `text`."""
    stop: int
    """Position behind its last line."""
    label: str = ""
    """Name of the file: the source of records that name none."""


@dataclass(slots=True)
class Scanner:
    """Scanner of chunks, which remembers records that it has seen."""

    settings: ScanSettings
    prefilter: Prefilter = field(init=False)
    _cache: dict[tuple[bytes, bytes], Reading] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.prefilter = Prefilter(literals_of(self.settings.index), self.settings.engine)

    def __reduce__(self) -> tuple[Any, ...]:
        """Send the settings alone to another process: an automaton cannot be pickled."""
        return Scanner, (self.settings,)


def scan_chunk(chunk: Chunk, scanner: Scanner, until: float = float("inf")) -> Summary:
    """Return the summary of the records that begin in a chunk; the same chunk always has the same summary.

    Raises TimeoutError after `until`, by the monotonic clock.
    """
    return _ChunkScan(chunk, scanner, until).summary()


class _ChunkScan:
    """Scan of one chunk."""

    def __init__(self, chunk: Chunk, scanner: Scanner, until: float) -> None:
        self.until = until
        self.chunk, self.scanner, self.settings = chunk, scanner, scanner.settings
        self.text, self.begin, self.stop = chunk.text, chunk.begin, chunk.stop
        self.tallies = Tallies()
        self._line = (self.begin, 1)
        self._time: float | None = None

    def summary(self) -> Summary:
        """Return the summary of the chunk."""
        start, end = self._span()
        left_out = cut = 0
        if end >= self.settings.since and start <= self.settings.until:
            for number, (low, high, hits) in enumerate(self._records()):
                if number % _RECORDS_BETWEEN_CLOCKS == 0 and monotonic() > self.until:
                    raise TimeoutError("the deadline passed")
                cut += high - low >= MAX_RECORD
                left_out += not self._count(low, high, hits)
        size = self.stop - self.begin
        lines = self._line_of(self.stop) - 1 + (size > 0 and self.text[self.stop - 1 : self.stop] != b"\n")
        parts = {(self.chunk.file, self.chunk.offset): Part(size, lines)}
        return self.tallies.summary(Summary(parts=parts, start=start, end=end, left_out=left_out, cut=cut))

    def _records(self) -> Iterator[tuple[int, int, list[Hit]]]:
        """Yield the bounds of each record with literals that begins in the chunk, and its literals."""
        hits = self.scanner.prefilter.hits(self.text)
        at = 0
        while at < len(hits):
            low, high = record_bounds(self.text, hits[at].end - 1)
            first = at
            high = max(high, hits[at].end)
            while at < len(hits) and hits[at].end <= high:
                at += 1
            if self.begin <= low < self.stop:
                yield low, high, hits[first:at]

    def _count(self, low: int, high: int, hits: Sequence[Hit]) -> bool:
        """Count a record; return False if its time is outside the window of the scan."""
        raw = self.text[low:high]
        reading = self._reading(raw, hits)
        if not reading.entries and not reading.template:
            return True
        time = self._time_of(raw, low, reading)
        if time != float("inf") and not self.settings.since <= time <= self.settings.until:
            return False
        occurrence = Occurrence(
            time,
            self.chunk.file,
            self.chunk.offset + low - self.begin,
            self._line_of(low),
            self.chunk.offset,
            reading.source or self.chunk.label,
            reading.text,
        )
        self.tallies.add(occurrence, reading.entries, reading.template, reading.alternatives)
        return True

    def _reading(self, raw: bytes, hits: Sequence[Hit]) -> Reading:
        literals = tuple(sorted({hit.literal for hit in hits}))
        key = (dedup_key(raw), b",".join(b"%d" % literal for literal in literals))
        cache = self.scanner._cache  # noqa: SLF001  the scanner's own, shared by its chunks
        reading = cache.get(key)
        if reading is None:
            names_entry = any(self.scanner.prefilter.names_entry[literal] for literal in literals)
            reading = read_record(decode(raw), self.settings, names_entry=names_entry)
            if len(cache) >= _MAX_CACHE:
                cache.clear()
            cache[key] = reading
        if any(letter.isdigit() for letter in reading.source):
            return reading._replace(source=source_of(decode(raw), self.settings))
        return reading

    def _time_of(self, raw: bytes, low: int, reading: Reading) -> float:
        """Return the time of a record, or of the nearest line before it that has one."""
        if reading.is_timed:
            line = raw[: raw.find(b"\n")] if b"\n" in raw else raw
            time = time_of_line(decode(line), self.settings) or time_of_record(decode(raw), self.settings)
            if time is not None:
                return time
        limit = max(0, low - MAX_RECORD)
        while low > limit:
            end, low = low - 1, self.text.rfind(b"\n", 0, low - 1) + 1
            time = time_of_line(decode(self.text[low:end]), self.settings)
            if time is not None:
                return time
        return float("inf")

    def _line_of(self, position: int) -> int:
        """Return the number of the line at a position; positions must not decrease between calls."""
        start, line = self._line
        line += self.text.count(b"\n", start, position)
        self._line = (position, line)
        return line

    def _span(self) -> tuple[float, float]:
        """Return the earliest and the latest time near the ends of the chunk."""
        if self.stop - self.begin <= 2 * _EDGE:
            head, tail = self.text[self.begin : self.stop], b""
        else:
            head = self.text[self.begin : self.begin + _EDGE]
            tail = self.text[self.stop - _EDGE : self.stop].partition(b"\n")[2]
        first, last = _times(head, self.settings), _times(tail, self.settings)
        times = [*first, *last]
        return (min(times), max(times)) if times else (float("inf"), float("-inf"))


def _times(data: bytes, settings: ScanSettings) -> list[float]:
    """Return the times of the first and of the last line of bytes that have one."""
    lines = decode(data).split("\n")
    times = []
    for ordered in (lines, reversed(lines)):
        time = next((time for line in ordered if (time := time_of_line(line, settings)) is not None), None)
        times += [] if time is None else [time]
    return times
