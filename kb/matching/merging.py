"""Merging of what several records of a text show: by entry, the root first.

The root is the entry that happened first in the episode with the most errors: a start-up line at boot does
not lead over a hundred deadlocks an hour later. Records without a time take that of the record before.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from kb.matching.index import Index
from kb.text.logs.records import Record

MAX_GAP: Final = 900.0
"""Seconds without an error that end an episode."""
MAX_LEAD: Final = 60.0
"""Seconds by which the root may be printed after what it leads to."""


class Named(Protocol):
    """Anything that is about an entry."""

    @property
    def entry(self) -> str:
        """Id of the entry."""


T = TypeVar("T", bound=Named)


class Occurrence(NamedTuple, Generic[T]):
    """Match of an entry in one record."""

    record: Record
    number: int
    """Position of the record in the text."""
    order: float
    """Position of the evidence in time within the record."""
    match: T


def merged(occurrences: Sequence[Occurrence[T]], index: Index) -> list[list[Occurrence[T]]]:
    """Group occurrences by entry, each group and the groups themselves by time, the root first."""
    times = _times(occurrences)
    keyed = sorted(
        ((times[at], occurrence.number, occurrence.order), at) for at, occurrence in enumerate(occurrences)
    )
    main = _main_episode([key[0] for key, _ in keyed])
    groups: dict[str, list[Occurrence[T]]] = {}
    first: dict[str, tuple[bool, float, int, float, int]] = {}
    for key, at in keyed:
        entry = occurrences[at].match.entry
        place = (not main[0] <= key[0] <= main[1], *key, at)
        groups.setdefault(entry, []).append(occurrences[at])
        first[entry] = min(first.get(entry, place), place)
    ids = sorted(groups, key=lambda entry: first[entry])
    return [groups[entry] for entry in _roots_first(ids, {e: first[e][1] for e in ids}, index)]


def _times(occurrences: Iterable[Occurrence[T]]) -> list[float]:
    """Return the time of each occurrence in seconds, to the millisecond; 0 before the first time."""
    last, times = 0.0, []
    for occurrence in occurrences:
        if occurrence.record.time:
            last = round(occurrence.record.time.timestamp() * 1_000_000) // 1000 / 1000
        times.append(last)
    known = next((time for time in times if time), 0.0)
    return [time or known for time in times]


def _main_episode(times: Sequence[float]) -> tuple[float, float]:
    """Return the first and last time of the episode with the most errors, the latest of several."""
    episodes: list[tuple[int, float, float]] = []
    for time in times:
        if episodes and time - episodes[-1][2] <= MAX_GAP:
            count, start, _ = episodes[-1]
            episodes[-1] = (count + 1, start, time)
        else:
            episodes.append((1, time, time))
    _, start, end = max(episodes, key=lambda episode: (episode[0], episode[1]), default=(0, 0.0, 0.0))
    return start, end


def _roots_first(ids: list[str], times: dict[str, float], index: Index) -> list[str]:
    """Move an entry before those that it leads to, if they happened at most `MAX_LEAD` before it."""
    leads = {entry["id"]: entry["leads_to"] for entry in index["entries"]}
    ordered: list[str] = []
    for entry in ids:
        followers = [
            at
            for at, other in enumerate(ordered)
            if other in leads[entry] and times[entry] and times[entry] - times[other] <= MAX_LEAD
        ]
        ordered.insert(followers[0] if followers else len(ordered), entry)
    return ordered
