"""Summaries of a scan: the same whatever the chunks, whatever the order in which they are merged."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.matching.shipped_index import load_index
from kb.scan.chunk import CONTEXT, Chunk, Scanner, scan_chunk
from kb.scan.reading import ScanSettings
from kb.scan.summary import MAX_GROUPS, CountedTwice, Groups, Summary, Tally, merge, merge_groups
from kb.scan.timeline import Bucket, Occurrence, Timeline, fitted, merge_timelines

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SCANNER = Scanner(ScanSettings(load_index(), NOW))
START = datetime(2026, 11, 29, 12, tzinfo=UTC)
BODIES = (
    'ERROR FATAL:  password authentication failed for user "app_user"',
    "INFO payment booked",
    "ERROR could not resize image 17",
    (
        'ERROR payment failed\nTraceback (most recent call last):\n  File "a.py", line 3, in pay\n    run()\n'
        "psycopg2.errors.DeadlockDetected: deadlock detected"
    ),
    "WARNING retry after error 3",
    "LOG:  checkpoint complete",
)


def log_of(numbers: Iterable[int]) -> bytes:
    """Return a log with the bodies of these numbers, a second apart."""
    lines = [
        f"{(START + timedelta(seconds=second)).isoformat()} pod-{second % 3}[77]: {BODIES[number]}"
        for second, number in enumerate(numbers)
    ]
    return ("\n".join(lines) + "\n").encode()


def chunks_of(data: bytes, cuts: Iterable[int], file: int = 0) -> list[Chunk]:
    """Return the chunks of a log that is cut at the first line after each position."""
    places = sorted({0, len(data), *(data.find(b"\n", cut % len(data)) + 1 for cut in cuts)})
    return [
        Chunk(file, low, data[max(0, low - CONTEXT) : high + CONTEXT], before, before + high - low, "a")
        for low, high in pairwise(places)
        for before in [min(low, CONTEXT)]
    ]


def result_of(summary: Summary) -> object:
    """Return what a report shows of a summary: line numbers count from the beginning of the file."""
    lines = {}
    total = 0
    for key, part in sorted(summary.parts.items()):
        lines[key] = total
        total += part.lines

    def placed(found: Occurrence) -> Occurrence:
        return found._replace(line=found.line + lines[found.file, found.chunk], chunk=0)

    def shown(tally: Tally) -> object:
        buckets = {
            start: Bucket(bucket.size, placed(bucket.first))
            for start, bucket in tally.timeline.buckets.items()
        }
        return (
            tally.count,
            placed(tally.first),
            placed(tally.last),
            tally.sources,
            tally.timeline.level,
            buckets,
        )

    return (
        total,
        summary.start,
        summary.end,
        summary.errors,
        {name: shown(tally) for name, tally in summary.entries.items()},
        {name: shown(tally) for name, tally in summary.groups.tallies.items()},
    )


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=60),
    st.lists(st.integers(0, 10_000), max_size=6),
    st.randoms(),
)
def test_chunks_in_any_order_give_what_the_whole_log_gives(
    numbers: list[int], cuts: list[int], order: random.Random
) -> None:
    data = log_of(numbers)
    whole = scan_chunk(chunks_of(data, ())[0], SCANNER)
    parts = [scan_chunk(chunk, SCANNER) for chunk in chunks_of(data, cuts)]
    order.shuffle(parts)
    assert result_of(reduce(merge, parts, Summary())) == result_of(whole)


def test_known_unknown_and_quiet_records_are_told_apart() -> None:
    whole = scan_chunk(chunks_of(log_of([*range(6), *range(6)]), ())[0], SCANNER)
    assert {name: tally.count for name, tally in whole.entries.items()} == {
        "db-password-rejected": 2,
        "db-deadlock": 2,
    }
    assert [tally.count for tally in whole.groups.tallies.values()] == [2]
    assert whole.errors == 2


times = st.integers(0, 10_000_000).map(float)
occurrences = st.builds(
    Occurrence, times, st.integers(0, 3), st.integers(0, 999), source=st.sampled_from("abc")
)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    """Draw the tally of a few records."""
    found = draw(st.lists(occurrences, min_size=1, max_size=8))
    buckets: dict[int, Bucket] = {}
    for occurrence in found:
        start = int(occurrence.time // 10) * 10
        known = buckets.get(start, Bucket(0, occurrence))
        buckets[start] = Bucket(known.size + 1, min(known.first, occurrence))
    sources: dict[str, int] = {}
    for occurrence in found:
        sources[occurrence.source] = sources.get(occurrence.source, 0) + 1
    return Tally(len(found), min(found), max(found), sources, fitted(Timeline(0, buckets, 5)))


@st.composite
def summaries(draw: st.DrawFn, file: int) -> Summary:
    """Draw the summary of chunks of one file."""
    parts = draw(st.dictionaries(st.tuples(st.just(file), st.integers(0, 9)), st.just((10, 1)), max_size=3))
    entries = draw(st.dictionaries(st.sampled_from(("x", "y", "z")), tallies(), max_size=3))
    groups = draw(st.dictionaries(st.sampled_from(("one a", "one b", "two")), tallies(), max_size=3))
    other = {name: frozenset(draw(st.sets(st.sampled_from("pq")))) for name in entries}
    return Summary(parts, entries=entries, groups=Groups(0, groups), alternatives=other)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=30)
@given(summaries(0), summaries(1), summaries(2))
def test_merging_is_associative_and_commutative(one: Summary, two: Summary, three: Summary) -> None:
    assert merge(merge(one, two), three) == merge(one, merge(two, three))
    assert merge(one, two) == merge(two, one)
    assert merge(one, Summary()) == one


def test_a_chunk_that_was_scanned_twice_is_refused() -> None:
    summary = scan_chunk(chunks_of(log_of(range(3)), ())[0], SCANNER)
    with pytest.raises(CountedTwice):
        merge(summary, summary)


def test_many_groups_become_few_by_shorter_templates_in_any_order() -> None:
    tally = Tally(1, Occurrence(0.0, 0, 0), Occurrence(0.0, 0, 0))
    single = [
        Groups(0, {f"cannot open w{number} of the list of files that a b c d": tally})
        for number in range(3_000)
    ]
    forward = reduce(merge_groups, single, Groups())
    backward = reduce(merge_groups, reversed(single), Groups())
    assert forward == backward
    assert len(forward.tallies) <= MAX_GROUPS
    assert sum(tally.count for tally in forward.tallies.values()) == 3_000


@settings(deadline=None, max_examples=30)
@given(st.lists(times, max_size=40), st.lists(times, max_size=40))
def test_the_width_of_buckets_depends_on_the_records_alone(one: list[float], two: list[float]) -> None:
    def line(values: list[float]) -> Timeline:
        single = [
            Timeline(0, {int(time // 10) * 10: Bucket(1, Occurrence(time, 0, 0))}, 7) for time in values
        ]
        return reduce(merge_timelines, single, Timeline(limit=7))

    assert line([*one, *two]) == merge_timelines(line(two), line(one))


def test_a_scan_ends_within_a_chunk_when_its_time_is_over() -> None:
    with pytest.raises(TimeoutError, match="deadline"):
        scan_chunk(chunks_of(log_of(range(3)), ())[0], SCANNER, until=0.0)
