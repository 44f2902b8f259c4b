"""Counts over time in a bounded number of buckets, which become wider as the span grows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

WIDTHS: Final = (10, 60, 300, 1_800, 3_600, 21_600, 86_400, 864_000, 8_640_000, 86_400_000, 8_640_000_000)
"""Widths of a bucket in seconds; each divides the next, so that buckets can be joined."""
MAX_BUCKETS: Final = 720


class Occurrence(NamedTuple):
    """One record: its time, its place, its source and its first line. Earlier ones are smaller."""

    time: float
    """Seconds since 1970; infinite without a time."""
    file: int
    """Position of the file in the order of the scan."""
    offset: int
    """Byte offset of the record in the decompressed file."""
    line: int = 0
    """Number, from 1, of the line within the chunk that begins at `chunk`."""
    chunk: int = 0
    """Byte offset of the chunk."""
    source: str = ""
    text: str = ""
    """First line that matters, with secrets masked."""


class Bucket(NamedTuple):
    """Records of one span of time: their number, and the first of them."""

    size: int
    first: Occurrence


@dataclass(frozen=True, slots=True)
class Timeline:
    """Buckets by their start in seconds since 1970, all of the width `WIDTHS[level]`."""

    level: int = 0
    buckets: Mapping[int, Bucket] = field(default_factory=dict)
    limit: int = MAX_BUCKETS

    @property
    def width(self) -> int:
        """Width of a bucket in seconds."""
        return WIDTHS[self.level]


def merge_timelines(one: Timeline, other: Timeline) -> Timeline:
    """Return the timeline of the records of both. The width depends on all records, not on the order."""
    level = max(one.level, other.level)
    buckets = dict(_at_level(one, level))
    for start, bucket in _at_level(other, level).items():
        buckets[start] = _joined(buckets.get(start), bucket)
    return fitted(Timeline(level, buckets, min(one.limit, other.limit)))


def fitted(timeline: Timeline) -> Timeline:
    """Return the timeline with buckets so wide that at most `limit` are left."""
    while len(timeline.buckets) > timeline.limit:
        level = timeline.level + 1
        timeline = Timeline(level, _at_level(timeline, level), timeline.limit)
    return timeline


def start_of(time: float, level: int) -> int:
    """Return the start of the bucket that has a time."""
    width = WIDTHS[level]
    return int(time // width) * width


def _at_level(timeline: Timeline, level: int) -> Mapping[int, Bucket]:
    if level == timeline.level:
        return timeline.buckets
    wider: dict[int, Bucket] = {}
    for start, bucket in timeline.buckets.items():
        wide = start_of(start, level)
        wider[wide] = _joined(wider.get(wide), bucket)
    return wider


def _joined(one: Bucket | None, other: Bucket) -> Bucket:
    if one is None:
        return other
    return Bucket(one.size + other.size, min(one.first, other.first))
