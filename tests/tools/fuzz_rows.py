"""Fuzzer of the rows of a database: a server of its own answers queries of the probes in any form.

A probe must never break, and never pass where an answer that it needs cannot be one of PostgreSQL's.

Usage: python -m tests.tools.fuzz_rows --seconds 600 --seed 7
"""

import argparse
import json
import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tests.diagnostics.clients.postgres.foreign_servers import error
from tests.diagnostics.probes.running import run_probes
from tests.support.fake_postgres import (
    FLOAT8,
    HEALTHY,
    INT4,
    INT8,
    JSON,
    NUMERIC,
    TEXT,
    Answer,
    fake_postgres,
)

PROBES: Final = (
    *("connect", "login", "statements", "kills", "pool", "conflicts", "batches", "report"),
    "pooler",
)
ONE_ROW: Final = frozenset(
    {
        *("pg_is_in_recovery()", "pg_read_all_stats", "SIReadLock", "pg_postmaster_start_time"),
        *("deadlock_timeout", "sessions_fatal", "superuser_reserved_connections", "EXPLAIN", "SHOW VERSION"),
    }
)
"""Statements that have exactly one row, and without which the probe has seen nothing."""
NEEDED: Final = ONE_ROW | {
    "pg_blocking_pids",
    "ILIKE 'insert'",
    "FROM pg_settings s WHERE s.name",
    "SHOW POOLS",
}
"""Statements whose misshapen rows leave the question of the probe open."""
TYPES: Final = (16, INT8, INT4, TEXT, JSON, FLOAT8, NUMERIC, 1007, 1009, 1082, 1114, 1184, 17, 2950, 99999)
ODD: Final = (
    *(
        None,
        "",
        "NaN",
        "Infinity",
        "-Infinity",
        "-1",
        "9" * 30,
        "9" * 5000,
        "1e400",
        "t",
        "maybe",
        "{}",
        "{{",
        "[]",
    ),
    *(
        "[1,",
        '[{"Plan": 1}]',
        '[{"Plan": {"Plan Rows": "many"}}]',
        "[" * 3000,
        "\udcff\udcfe",
        "\x1b[2J",
        "a\nb",
    ),
    *("0001-01-01", "294276-12-31 BC", "infinity", "{1,NULL,x}", '{"a",NULL}', "\\x0", "ä" * 300),
)


@dataclass
class Fuzzed:
    """One conversation: its mutations by the probe that got them."""

    random: random.Random
    share: float
    """Probability with which an answer is mutated."""
    broken: set[str] = field(default_factory=set)
    """Probes that got a needed answer in a form that PostgreSQL never gives."""
    sent: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, probe: str, part: str, healthy: Answer) -> Answer:
        """Return the healthy answer, or a mutation of it."""
        with self.lock:
            if self.random.random() > self.share:
                return healthy
            mutations = [*MUTATIONS, *([odd_plan] * 10)] if part == "EXPLAIN" else MUTATIONS
            mutate = self.random.choice(mutations)
            answer, certain = mutate(self.random, part, healthy)
            self.sent.append(f"{probe}: {part}: {mutate.__name__}")
            if certain and part in NEEDED:
                self.broken.add(probe)
            return answer


Mutation = Callable[[random.Random, str, Answer], tuple[Answer, bool]]
"""Mutation of an answer; True if PostgreSQL never gives such an answer to this statement."""


def no_row(_chance: random.Random, part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Drop all rows."""
    return replace(healthy, rows=()), part in ONE_ROW


def two_rows(_chance: random.Random, part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Repeat the rows."""
    return replace(healthy, rows=[*healthy.rows, *healthy.rows]), part in ONE_ROW and bool(healthy.rows)


def no_columns(_chance: random.Random, _part: str, _healthy: Answer) -> tuple[Answer, bool]:
    """Answer as to a statement without rows."""
    return Answer(), True


def fewer_columns(_chance: random.Random, _part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Drop the last column."""
    rows = [row[:-1] for row in healthy.rows]
    return Answer(healthy.types[:-1], rows, healthy.names[:-1]), bool(rows) and not healthy.names


def more_columns(_chance: random.Random, _part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Add a column."""
    names = [*healthy.names, "more"] if healthy.names else ()
    rows = [[*row, "x"] for row in healthy.rows]
    return Answer([*healthy.types, TEXT], rows, names), bool(rows) and not healthy.names


def all_null(_chance: random.Random, _part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Make every value NULL."""
    rows = [[None] * len(row) for row in healthy.rows]
    return replace(healthy, rows=rows), bool(rows)


def all_texts(_chance: random.Random, _part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Declare every column as text."""
    certain = set(healthy.types) != {TEXT} and bool(healthy.rows)
    return replace(healthy, types=[TEXT] * len(healthy.types)), certain


def other_types(chance: random.Random, _part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Declare the columns as of any types."""
    return replace(healthy, types=[chance.choice(TYPES) for _ in healthy.types]), False


def odd_values(chance: random.Random, _part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Replace some values by odd ones."""
    rows = [[chance.choice(ODD) if chance.random() < 0.5 else value for value in row] for row in healthy.rows]
    return replace(healthy, rows=rows), False


def odd_rows(chance: random.Random, _part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Answer with many rows of odd values."""
    rows = [[chance.choice(ODD) for _ in healthy.types] for _ in range(chance.randrange(1, 30))]
    return replace(healthy, rows=rows), False


def not_finite(_chance: random.Random, _part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Make every number NaN."""
    certain = FLOAT8 in healthy.types and bool(healthy.rows)
    numbers = {FLOAT8, NUMERIC}
    rows = [
        ["NaN" if oid in numbers else value for oid, value in zip(healthy.types, row, strict=True)]
        for row in healthy.rows
    ]
    return replace(healthy, rows=rows), certain


def refused(_chance: random.Random, _part: str, _healthy: Answer) -> tuple[Answer, bool]:
    """Refuse the statement."""
    return Answer(failure=error("42501", "permission denied", severity="ERROR")), True


def other_answer(chance: random.Random, part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Send the answer to another statement."""
    other = chance.choice([answer for name, answer in HEALTHY.items() if name != part and answer.rows])
    return other, len(other.types) != len(healthy.types) and not healthy.names


def odd_plan(chance: random.Random, part: str, healthy: Answer) -> tuple[Answer, bool]:
    """Replace members of the JSON documents of an answer."""
    if part != "EXPLAIN":
        return healthy, False
    document = json.loads(str(healthy.rows[0][0]))
    plan = document[0]["Plan"]
    values: tuple[object, ...] = (
        None,
        True,
        "x",
        -1,
        1e400,
        [],
        {},
        [1],
        [{}],
        [{"Plan Rows": 1, "Node Type": "x"}],
        "9" * 400,
    )
    for name in chance.sample([*plan, "Plans", "Parent Relationship"], 3):
        plan[name] = chance.choice(values)
    return replace(healthy, rows=[[json.dumps(document)]]), False


MUTATIONS: Final[Sequence[Mutation]] = (
    no_row, two_rows, no_columns, fewer_columns, more_columns, all_null, all_texts, other_types, odd_values,
    odd_rows, not_finite, refused, other_answer, odd_plan,
)  # fmt: skip


def conversation(seed: str) -> list[str]:
    """Run the probes against one server, and return what is wrong with their results."""
    chance = random.Random(seed)  # noqa: S311  the same conversation for the same seed
    fuzzed = Fuzzed(chance, chance.choice((0.05, 0.2, 0.5, 1.0)))
    with fake_postgres(fuzzed.answer) as target:
        results = run_probes(target, *PROBES)
    wrong = []
    for probe, result in results.items():
        if result.outcome == "error":
            wrong.append(f"{seed}: {probe} broke: {result.reason} {result.evidence['traceback'].value}")
        elif result.outcome == "pass" and probe in fuzzed.broken:
            sent = [line for line in fuzzed.sent if line.startswith(f"{probe}:")]
            wrong.append(f"{seed}: {probe} passes although it got {sent}")
    return wrong


def main() -> int:
    """Run conversations for some seconds; print what is wrong, and return 1 if anything is."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    until, number, wrong = time.monotonic() + options.seconds, 0, 0
    while time.monotonic() < until:
        for line in conversation(f"{options.seed}.{number}"):
            print(line, flush=True)
            wrong += 1
        number += 1
    print(f"{number} conversations, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
