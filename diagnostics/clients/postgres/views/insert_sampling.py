"""Sessions that repeat one short INSERT, recognised from many samples of pg_stat_activity.

No extension is needed. pg_stat_statements could not prove it: "calls" equals "rows" also for execute_batch,
which sends a hundred rows at once.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnostics.clients.postgres.row_shape import BOOL, INT, TEXT
from diagnostics.clients.postgres.views.statement_text import masked, normalised

MAX_CHARS = 400
"""Length of an INSERT of one row; execute_batch and execute_values send longer ones."""
MIN_RUNS = 3
"""Executions in one transaction that make it a batch: a payment that inserts one row and commits is not."""
ONE_ROW = re.compile(
    r"insert into [^;]*?\bvalues ?\((?:[^()]|\([^()]*\))*\)(?! ?,)[^;]*;?", re.IGNORECASE | re.DOTALL
)
INSERTS = f"""
SELECT pid, concat_ws(' ', usename, application_name), coalesce(query_start::text, ''),
       CASE WHEN xact_start <> query_start THEN xact_start::text ELSE '' END,
       coalesce(state LIKE 'idle%', false), left(query, {MAX_CHARS + 1})
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND left(ltrim(query), 6) ILIKE 'insert'
"""  # noqa: S608  a constant of this file

COLUMNS = (INT, TEXT, TEXT, TEXT.or_null, BOOL, TEXT)


@dataclass(frozen=True, slots=True)
class ActivitySample:
    """One session in one sample, with an INSERT as its latest statement."""

    pid: int
    who: str
    query_started: str
    transaction_started: str | None
    """Start of the transaction; empty if the statement is a transaction of its own."""
    waiting: bool
    """True if the server has answered and waits for the client."""
    statement: str


@dataclass(frozen=True, slots=True)
class InsertPattern:
    """Frequency of one session's most frequent single-row INSERT in the samples."""

    pid: int
    who: str
    statement: str
    share: float
    """Share of all samples that show the statement as part of a batch."""
    change: float
    """Share of all samples that show an execution which no earlier sample has shown."""
    waiting: float
    """Share of its own samples in which the server waits for the client."""
    in_transaction: bool
    """False if every execution is a transaction of its own."""


@dataclass(frozen=True, slots=True)
class SharedInsert:
    """Frequency of a single-row INSERT outside of transactions, over all sessions of a pooler."""

    statement: str
    change: float
    """Share of the snapshots with an execution in some session that no earlier snapshot has shown."""
    overlap: float
    """Share of the snapshots with such executions in several sessions: more than one client sends them."""


def insert_patterns(
    snapshots: Sequence[Sequence[ActivitySample]], *, shared: bool = False
) -> list[InsertPattern]:
    """Return the pattern of each session that inserts rows one by one, the most frequent first.

    A snapshot is one read of pg_stat_activity, with a sample of each session that shows an INSERT. Behind a
    pooler (`shared`) a session belongs to one client only during a transaction: only those count then.
    """
    by_pid: dict[int, list[ActivitySample]] = defaultdict(list)
    for snapshot in snapshots:
        for sample in snapshot:
            if sample.transaction_started or not shared:
                by_pid[sample.pid].append(sample)
    patterns = [
        pattern for samples in by_pid.values() if (pattern := _session_pattern(samples, len(snapshots)))
    ]
    return sorted(patterns, key=lambda pattern: -pattern.share)


def shared_inserts(snapshots: Sequence[Sequence[ActivitySample]]) -> list[SharedInsert]:
    """Return the single-row INSERTs outside of transactions, the most frequent first."""
    seen: set[tuple[int, str]] = set()
    fresh: dict[str, list[int]] = defaultdict(list)
    for number, snapshot in enumerate(snapshots):
        alone = [sample for sample in snapshot if not sample.transaction_started]
        new = [sample for sample in alone if (sample.pid, sample.query_started) not in seen]
        seen |= {(sample.pid, sample.query_started) for sample in new}
        if number:  # what the first snapshot shows may be old
            shapes = [
                normalised(sample.statement) for sample in new if is_single_row_insert(sample.statement)
            ]
            for shape, sessions in Counter(shapes).items():
                fresh[shape].append(sessions)
    later = max(1, len(snapshots) - 1)
    found = [
        SharedInsert(shape, len(counts) / later, sum(count > 1 for count in counts) / later)
        for shape, counts in fresh.items()
    ]
    return sorted(found, key=lambda insert: -insert.change)


def is_single_row_insert(statement: str) -> bool:
    """Return True for a short INSERT with one row of values and no further statement."""
    return len(statement) <= MAX_CHARS and bool(ONE_ROW.fullmatch(masked(statement)))


def _session_pattern(samples: Sequence[ActivitySample], snapshots: int) -> InsertPattern | None:
    shapes = {
        text: normalised(text)
        for text in {sample.statement for sample in samples}
        if is_single_row_insert(text)
    }
    batch = _in_batches([sample for sample in samples if sample.statement in shapes])
    if not batch:
        return None
    shape, count = _most_frequent(batch, shapes)
    same = [sample for sample in batch if shapes[sample.statement] == shape]
    runs = len({sample.query_started for sample in same})
    waiting = sum(sample.waiting for sample in same)
    first, in_transaction = same[0], any(sample.transaction_started for sample in same)
    shares = count / snapshots, runs / snapshots, waiting / count
    return InsertPattern(first.pid, first.who, shape, *shares, in_transaction)


def _in_batches(samples: Sequence[ActivitySample]) -> list[ActivitySample]:
    """Return the samples without those of transactions that ran fewer than MIN_RUNS statements."""
    runs: dict[str, set[str]] = defaultdict(set)
    for sample in samples:
        runs[sample.transaction_started or ""].add(sample.query_started)
    return [
        sample
        for sample in samples
        if not sample.transaction_started or len(runs[sample.transaction_started]) >= MIN_RUNS
    ]


def _most_frequent(samples: Sequence[ActivitySample], shapes: Mapping[str, str]) -> tuple[str, int]:
    return Counter(shapes[sample.statement] for sample in samples).most_common(1)[0]
