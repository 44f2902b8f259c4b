"""Summary of a part of a scan, and the merge of two of them: associative and commutative."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from zlib import crc32

from kb.scan.timeline import Occurrence, Timeline, merge_timelines

MAX_SOURCES: Final = 300
"""Sources that are counted for one entry; of more, those with the smallest checksums stay."""
MAX_GROUPS: Final = 1_000
"""Groups of unknown error lines; of more, templates are cut shorter, which joins groups."""
GROUP_WORDS: Final = (1_000, 12, 6, 3, 1, 0)
"""Words that the template of a group keeps, by level."""
GROUP_BUCKETS: Final = 120
"""Buckets in the timeline of a group of unknown error lines."""


class Part(NamedTuple):
    """Extent of a chunk that was scanned."""

    size: int
    """Bytes."""
    lines: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Records of one entry or group: their number, the first and the last, sources, counts over time."""

    count: int
    first: Occurrence
    last: Occurrence
    sources: Mapping[str, int] = field(default_factory=dict)
    timeline: Timeline = field(default_factory=Timeline)
    untimed: int = 0
    """Records without a time: the timeline does not have them."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Tallies of unknown error lines by template."""

    level: int = 0
    tallies: Mapping[str, Tally] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    """Result of scanning some chunks."""

    parts: Mapping[tuple[int, int], Part] = field(default_factory=dict)
    """Chunks by file and byte offset. No chunk is scanned twice, so two summaries have none in common."""
    start: float = float("inf")
    """Earliest time of a record, in seconds since 1970; infinite if none has a time."""
    end: float = float("-inf")
    entries: Mapping[str, Tally] = field(default_factory=dict)
    alternatives: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Other entries that the same evidence would prove, by entry."""
    groups: Groups = field(default_factory=Groups)
    errors: int = 0
    """Error records that no entry knows."""
    left_out: int = 0
    """Records with a time outside the window of the scan."""
    cut: int = 0
    """Records longer than the limit, of which the beginning was read."""


class CountedTwice(ValueError):
    """Two summaries have a chunk in common."""


def merge(one: Summary, other: Summary) -> Summary:
    """Return the summary of the chunks of both. Raises CountedTwice if they have a chunk in common."""
    if shared := one.parts.keys() & other.parts.keys():
        raise CountedTwice(f"chunk {min(shared)} was scanned twice")
    return Summary(
        {**one.parts, **other.parts},
        min(one.start, other.start),
        max(one.end, other.end),
        _merge_tallies(one.entries, other.entries),
        {
            entry: one.alternatives.get(entry, frozenset()) | other.alternatives.get(entry, frozenset())
            for entry in one.alternatives.keys() | other.alternatives.keys()
        },
        merge_groups(one.groups, other.groups),
        one.errors + other.errors,
        one.left_out + other.left_out,
        one.cut + other.cut,
    )


def merge_tally(one: Tally, other: Tally) -> Tally:
    """Return the tally of the records of both."""
    return Tally(
        one.count + other.count,
        min(one.first, other.first),
        max(one.last, other.last, key=latest),
        _merge_sources(one.sources, other.sources),
        merge_timelines(one.timeline, other.timeline),
        one.untimed + other.untimed,
    )


def latest(occurrence: Occurrence) -> tuple[object, ...]:
    """Return the key by which the last occurrence is the greatest: one without a time comes first."""
    time = occurrence.time if occurrence.time != float("inf") else float("-inf")
    return (time, *occurrence[1:])


def merge_groups(one: Groups, other: Groups) -> Groups:
    """Return the groups of both, with templates so short that at most `MAX_GROUPS` are left."""
    level = max(one.level, other.level)
    tallies = _merge_tallies(_at_level(one, level), _at_level(other, level))
    groups = Groups(level, tallies)
    while len(groups.tallies) > MAX_GROUPS:
        groups = Groups(groups.level + 1, _at_level(groups, groups.level + 1))
    return groups


def _at_level(groups: Groups, level: int) -> Mapping[str, Tally]:
    if level == groups.level:
        return groups.tallies
    joined: dict[str, Tally] = {}
    for template, tally in groups.tallies.items():
        short = _shortened(template, GROUP_WORDS[level])
        joined[short] = merge_tally(joined[short], tally) if short in joined else tally
    return joined


def _shortened(template: str, words: int) -> str:
    parts = template.split(" ")
    return template if len(parts) <= words else " ".join([*parts[:words], "…"])


def _merge_tallies(one: Mapping[str, Tally], other: Mapping[str, Tally]) -> Mapping[str, Tally]:
    merged = dict(one)
    for name, tally in other.items():
        merged[name] = merge_tally(merged[name], tally) if name in merged else tally
    return merged


def _merge_sources(one: Mapping[str, int], other: Mapping[str, int]) -> Mapping[str, int]:
    merged = dict(one)
    for source, count in other.items():
        merged[source] = merged.get(source, 0) + count
    return limited(merged)


def limited(sources: Mapping[str, int]) -> Mapping[str, int]:
    """Return at most `MAX_SOURCES` of the sources: those with the smallest checksums, whatever the order."""
    if len(sources) <= MAX_SOURCES:
        return sources
    kept = sorted(sources, key=lambda source: (crc32(source.encode()), source))[:MAX_SOURCES]
    return {source: sources[source] for source in kept}
