"""Tallies of one chunk while it is scanned; they become part of its summary."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from kb.scan.reading import example_of
from kb.scan.summary import (
    GROUP_BUCKETS,
    MAX_GROUPS,
    Groups,
    Summary,
    Tally,
    latest,
    limited,
    merge_groups,
)
from kb.scan.timeline import MAX_BUCKETS, Bucket, Occurrence, Timeline, fitted, start_of

_INFINITE: Final = float("inf")


class _Growing:
    """Tally that records are added to."""

    def __init__(self, first: Occurrence, limit: int) -> None:
        self._limit = limit
        self._first = self._last = first
        self._count = self._untimed = 0
        self._sources: dict[str, int] = {}
        self._buckets: dict[int, Bucket] = {}

    def add(self, occurrence: Occurrence) -> None:
        """Count a record."""
        self._count += 1
        self._sources[occurrence.source] = self._sources.get(occurrence.source, 0) + 1
        self._first = min(self._first, occurrence)
        self._last = max(self._last, occurrence, key=latest)
        if occurrence.time == _INFINITE:
            self._untimed += 1
            return
        start = start_of(occurrence.time, 0)
        bucket = self._buckets.get(start)
        if bucket is None:
            self._buckets[start] = Bucket(1, occurrence)
        else:
            self._buckets[start] = Bucket(bucket.size + 1, min(bucket.first, occurrence))

    def tally(self) -> Tally:
        """Return the tally so far, within the limits of one."""
        timeline = fitted(Timeline(0, self._buckets, self._limit))
        sources = limited(self._sources)
        return Tally(self._count, self._first, self._last, sources, timeline, self._untimed)


def _masked(tally: Tally) -> Tally:
    """Return a tally whose lines are examples for a report: secrets masked."""
    buckets = {
        start: bucket._replace(first=_shown(bucket.first)) for start, bucket in tally.timeline.buckets.items()
    }
    timeline = replace(tally.timeline, buckets=buckets)
    return replace(tally, first=_shown(tally.first), last=_shown(tally.last), timeline=timeline)


def _shown(occurrence: Occurrence) -> Occurrence:
    """Return an occurrence with its line as an example for a report: secrets masked."""
    return occurrence._replace(text=example_of(occurrence.text))


class Tallies:
    """Tallies of entries and of groups of unknown error lines."""

    def __init__(self) -> None:
        self._entries: dict[str, _Growing] = {}
        self._groups: dict[str, _Growing] = {}
        self._errors = 0
        self._folded = Groups()
        self._alternatives: dict[str, set[str]] = {}

    def add(
        self,
        occurrence: Occurrence,
        entries: Iterable[str],
        template: str,
        alternatives: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Count a record under the entries that it proves, or under the template of its error."""
        for entry, other in alternatives:
            self._alternatives.setdefault(entry, set()).add(other)
        for entry in entries:
            self._entries.setdefault(entry, _Growing(occurrence, MAX_BUCKETS)).add(occurrence)
        if template:
            self._errors += 1
            self._groups.setdefault(template, _Growing(occurrence, GROUP_BUCKETS)).add(occurrence)
            if len(self._groups) > 2 * MAX_GROUPS:
                self._fold_groups()

    def _fold_groups(self) -> None:
        """Merge the groups so far, which bounds their number."""
        groups = Groups(0, {name: growing.tally() for name, growing in self._groups.items()})
        self._folded, self._groups = merge_groups(self._folded, groups), {}

    def summary(self, rest: Summary) -> Summary:
        """Return a summary with these tallies, secrets masked; `rest` has its other fields."""
        self._fold_groups()
        return replace(
            rest,
            entries={name: _masked(growing.tally()) for name, growing in self._entries.items()},
            groups=replace(
                self._folded, tallies={name: _masked(tally) for name, tally in self._folded.tallies.items()}
            ),
            errors=self._errors,
            alternatives={entry: frozenset(others) for entry, others in self._alternatives.items()},
        )
