"""Sessions that say the same short INSERT again and again, told from many samples of pg_stat_activity.

No extension is needed. That "calls" equals "rows" in pg_stat_statements would prove nothing: execute_batch,
which sends a hundred rows at once, shows the same.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnostics.clients.postgres.views.statement_text import masked, normalised

LONGEST = 400
"""Characters of an INSERT of one row; execute_batch and execute_values send longer ones."""
LEAST_RUNS = 3
"""Runs in one transaction that make it a batch: a payment that inserts its one row and commits is none."""
ONE_ROW = re.compile(
    r"insert into [^;]*?\bvalues ?\((?:[^()]|\([^()]*\))*\)(?! ?,)[^;]*;?", re.IGNORECASE | re.DOTALL
)
INSERTS = f"""
SELECT pid, concat_ws(' ', usename, application_name), query_start::text,
       CASE WHEN xact_start <> query_start THEN xact_start::text ELSE '' END,
       state LIKE 'idle%', left(query, {LONGEST + 1})
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND left(ltrim(query), 6) ILIKE 'insert'
"""  # noqa: S608  a constant of this file


@dataclass(frozen=True, slots=True)
class ActivitySample:
    """One session in one sample, with an INSERT as its latest statement."""

    pid: int
    who: str
    began: str
    """When the statement began."""
    transaction: str | None
    """When the transaction around it began; nothing where the statement is a transaction of its own."""
    waiting: bool
    """Whether the server has answered, and waits for the client."""
    statement: str


@dataclass(frozen=True, slots=True)
class InsertPattern:
    """What the samples say of one session and its most frequent INSERT of one row."""

    pid: int
    who: str
    statement: str
    share: float
    """Of all samples, those that show the statement as one of many in a batch."""
    change: float
    """Of all samples, those that show a run of it which no earlier sample has shown."""
    waiting: float
    """Of its samples, those in which the server waits for the client."""


def chatter(samples: Sequence[Sequence[ActivitySample]]) -> list[InsertPattern]:
    """For each session that inserts row by row at times, how often it does; the most chatty first."""
    seen: dict[int, list[ActivitySample]] = defaultdict(list)
    for sample in samples:
        for sight in sample:
            seen[sight.pid].append(sight)
    found = [one for sights in seen.values() if (one := _of_session(sights, len(samples)))]
    return sorted(found, key=lambda one: -one.share)


def one_row(statement: str) -> bool:
    """Whether a statement is a short INSERT with one row of values, and nothing behind it."""
    return len(statement) <= LONGEST and bool(ONE_ROW.fullmatch(masked(statement)))


def _of_session(sights: Sequence[ActivitySample], samples: int) -> InsertPattern | None:
    shapes = {text: normalised(text) for text in {sight.statement for sight in sights} if one_row(text)}
    batch = _in_batches([sight for sight in sights if sight.statement in shapes])
    if not batch:
        return None
    shape, times = _most_frequent(batch, shapes)
    same = [sight for sight in batch if shapes[sight.statement] == shape]
    changes = len({sight.began for sight in same})
    waiting = sum(sight.waiting for sight in same)
    first = same[0]
    return InsertPattern(first.pid, first.who, shape, times / samples, changes / samples, waiting / times)


def _in_batches(sights: Sequence[ActivitySample]) -> list[ActivitySample]:
    runs: dict[str, set[str]] = defaultdict(set)
    for sight in sights:
        runs[sight.transaction or ""].add(sight.began)
    return [one for one in sights if not one.transaction or len(runs[one.transaction]) >= LEAST_RUNS]


def _most_frequent(sights: Sequence[ActivitySample], shapes: Mapping[str, str]) -> tuple[str, int]:
    return Counter(shapes[sight.statement] for sight in sights).most_common(1)[0]
