"""Incidents of a summary: bursts of entries that overlap in time, each root before its consequences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kb.scan.summary import Summary, Tally
from kb.scan.timeline import Occurrence

MIN_GAP: Final = 300.0
"""Seconds without a record that end a burst."""
JOIN: Final = 120.0
"""Seconds within which a burst after the end of another one belongs to the same incident."""
SLACK: Final = 60.0
"""Seconds by which a consequence may be printed before its root: its timeout is shorter than the root's."""
_EDGE: Final = 0.1
"""Share of the span within which a steady entry begins after its start and ends before its end."""
_MAX_SURGE: Final = 6
"""Times its median that a bucket of a steady entry may have."""
_MIN_BURSTS_STEADY: Final = 4
_MIN_SHARE_STEADY: Final = 0.8
"""Share of the span that the records of a steady entry extend over."""


@dataclass(frozen=True, slots=True)
class Burst:
    """Records of one entry, or of one group of unknown errors, without a long pause."""

    name: str
    """Id of the entry, or template of the group."""
    is_known: bool
    count: int
    start: float
    """Seconds since 1970 of the first record."""
    end: float
    """End of the last bucket, in seconds since 1970."""
    first: Occurrence


@dataclass(frozen=True, slots=True)
class Incident:
    """Bursts that overlap, in the order of their first records, but each root before its consequences."""

    bursts: tuple[Burst, ...]
    roots: Mapping[str, str]
    """Entry that leads to another one of the incident, by the entry that it leads to."""

    @property
    def start(self) -> float:
        """Time of the first record."""
        return min(burst.start for burst in self.bursts)

    @property
    def end(self) -> float:
        """End of the last burst."""
        return max(burst.end for burst in self.bursts)


def incidents_of(summary: Summary, leads_to: Mapping[str, Iterable[str]]) -> tuple[Incident, ...]:
    """Return the incidents in the order of their beginnings; `leads_to` has the consequences of entries.

    Steady entries belong to none, and an incident has at least one burst of an entry.
    """
    bursts = [
        burst
        for name, tally in summary.entries.items()
        if not is_steady(tally, summary)
        for burst in bursts_of(name, tally)
    ]
    groups = [
        burst
        for name, tally in summary.groups.tallies.items()
        if not is_steady(tally, summary)
        for burst in bursts_of(name, tally, is_known=False)
    ]
    return tuple(_incident(together, groups, leads_to) for together in _overlapping(bursts))


def bursts_of(name: str, tally: Tally, *, is_known: bool = True) -> Iterator[Burst]:
    """Yield the bursts of a tally: its buckets, divided where a pause is longer than `MIN_GAP`."""
    width = tally.timeline.width
    run: list[int] = []
    for start in sorted(tally.timeline.buckets):
        if run and start - (run[-1] + width) > max(MIN_GAP, 2 * width):
            yield _burst(name, tally, run, is_known=is_known)
            run = []
        run.append(start)
    if run:
        yield _burst(name, tally, run, is_known=is_known)


def is_steady(tally: Tally, summary: Summary) -> bool:
    """Return True for errors that are there all the time: they neither began nor grew within the span."""
    span = summary.end - summary.start
    buckets = tally.timeline.buckets
    if span <= MIN_GAP or not buckets:
        return False
    width = tally.timeline.width
    begins, ends = tally.first.time, tally.last.time
    if len(buckets) < _MIN_BURSTS_STEADY or ends - begins < _MIN_SHARE_STEADY * span:
        return False
    if begins > summary.start + max(_EDGE * span, width) or ends < summary.end - max(_EDGE * span, width):
        return False
    return _is_even([buckets[start].size for start in sorted(buckets)], sorted(buckets), span)


def _is_even(sizes: Sequence[int], starts: Sequence[int], span: float) -> bool:
    """Return True if no tenth of the span has a surge and no pause is longer than three tenths."""
    pauses = [later - earlier for earlier, later in pairwise(starts)]
    tenths: dict[int, int] = {}
    for start, size in zip(starts, sizes, strict=True):
        tenth = int((start - starts[0]) / (span / 10))
        tenths[tenth] = tenths.get(tenth, 0) + size
    counts = sorted(tenths.values())
    return max(pauses, default=0.0) <= 3 * span / 10 and counts[-1] <= _MAX_SURGE * counts[len(counts) // 2]


def _burst(name: str, tally: Tally, starts: Sequence[int], *, is_known: bool) -> Burst:
    buckets = [tally.timeline.buckets[start] for start in starts]
    first = min(bucket.first for bucket in buckets)
    end = min(float(starts[-1] + tally.timeline.width), max(tally.last.time, first.time))
    return Burst(name, is_known, sum(bucket.size for bucket in buckets), first.time, end, first)


def _overlapping(bursts: Iterable[Burst]) -> Iterator[list[Burst]]:
    """Yield the bursts that overlap or follow each other within `JOIN` seconds."""
    together: list[Burst] = []
    end = 0.0
    for burst in sorted(bursts, key=lambda burst: (burst.start, burst.first, burst.name)):
        if together and burst.start > end + JOIN:
            yield together
            together = []
        end = max(end, burst.end) if together else burst.end
        together.append(burst)
    if together:
        yield together


def _incident(
    bursts: Sequence[Burst], groups: Iterable[Burst], leads_to: Mapping[str, Iterable[str]]
) -> Incident:
    start, end = bursts[0].start, max(burst.end for burst in bursts)
    unknown = [group for group in groups if start - SLACK <= group.start <= end + JOIN]
    roots = _roots(bursts, leads_to)
    members = sorted([*bursts, *unknown], key=lambda burst: (burst.start, burst.first, burst.name))
    return Incident(tuple(_roots_first(members, roots)), roots)


def _roots(bursts: Sequence[Burst], leads_to: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the root of each entry that another one, not later than it, leads to."""
    starts: dict[str, float] = {}
    for burst in bursts:
        starts.setdefault(burst.name, burst.start)
    roots: dict[str, str] = {}
    for root in sorted(starts, key=lambda name: (starts[name], name)):
        for consequence in leads_to.get(root, ()):
            is_later = starts.get(consequence, -1.0) >= starts[root] - SLACK
            if is_later and consequence not in roots and roots.get(root) != consequence:
                roots[consequence] = root
    return roots


def _roots_first(members: Sequence[Burst], roots: Mapping[str, str]) -> Iterator[Burst]:
    """Yield bursts by time, each with its consequences right behind it."""
    placed: set[int] = set()

    def place(number: int) -> Iterator[Burst]:
        if number in placed:
            return
        placed.add(number)
        yield members[number]
        for below, member in enumerate(members):
            if roots.get(member.name) == members[number].name:
                yield from place(below)

    names = {member.name for member in members}
    for number, member in enumerate(members):
        if roots.get(member.name) not in names:
            yield from place(number)
    for number in range(len(members)):
        yield from place(number)
