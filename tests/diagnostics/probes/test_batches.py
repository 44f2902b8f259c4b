"""Row-by-row inserts are told from other ways to send many rows."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from diagnostics.clients.postgres.views.insert_sampling import (
    ActivitySample,
    InsertPattern,
    insert_patterns,
    is_single_row_insert,
    shared_inserts,
)
from diagnostics.lab.lab import Lab
from diagnostics.lab.process.environment import clean
from diagnostics.probes.batches import MAX_JOBS, SAMPLES, row_by_row, without_requests
from diagnostics.targets.settings import LAB_THRESHOLDS, SecretRef, Secrets, Thresholds
from tests.diagnostics.probes import insert_clients
from tests.diagnostics.probes.running import ProbeResult, run_probes

PRODUCTION = replace(Thresholds(), lost_sessions=3)
"""Thresholds of production; those of a loopback target default to the lab's."""


@contextmanager
def batch(lab: Lab, *way: str) -> Iterator[None]:
    """Run a program that sends rows in one way, repeatedly."""
    with subprocess.Popen(
        [sys.executable, insert_clients.__file__, *way],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean({"DATABASE_DSN": lab.application_dsn()}),
        text=True,
    ) as program:
        try:
            assert program.stdout
            assert program.stdout.readline() == "ready\n"
            yield
        finally:
            program.communicate()
            lab.repair()


def run_batches(lab: Lab, thresholds: Thresholds = LAB_THRESHOLDS) -> ProbeResult:
    target = replace(lab.target, settings=replace(lab.target.settings, thresholds=thresholds))
    return run_probes(target, "connect", "login", "batches")["batches"]


def run_up_to_three_times(lab: Lab, thresholds: Thresholds) -> ProbeResult:
    """Run the probe up to three times: on a busy machine the program sends too little within one window."""
    for _ in range(3):
        result = run_batches(lab, thresholds)
        if result.codes:
            break
    return result


@pytest.mark.lab
@pytest.mark.parametrize("more", [(), ("--autocommit",)], ids=["transaction", "autocommit"])
@pytest.mark.parametrize("way", ["execute", "executemany"])
@pytest.mark.parametrize("thresholds", [LAB_THRESHOLDS, PRODUCTION], ids=["lab", "production"])
def test_a_loop_over_rows_is_found(lab: Lab, way: str, thresholds: Thresholds, more: tuple[str, ...]) -> None:
    with batch(lab, way, *more):
        result = run_up_to_three_times(lab, thresholds)

    assert result.codes == ["batches.row_by_row"], result.evidence
    share = next(item for name, item in result.evidence.items() if name.endswith("one INSERT of one row"))
    assert share.note == "INSERT INTO bookings (account_id, amount, reference) VALUES (?, ?, ?)"
    assert share.expected == "below 0.6"


@pytest.mark.lab
@pytest.mark.parametrize("way", ["values", "pages", "copied", "request"])
@pytest.mark.parametrize("thresholds", [LAB_THRESHOLDS, PRODUCTION], ids=["lab", "production"])
def test_rows_that_travel_together_and_one_row_for_one_request_are_healthy(
    lab: Lab, way: str, thresholds: Thresholds
) -> None:
    with batch(lab, way):
        result = run_batches(lab, thresholds)

    assert (result.outcome, result.codes) == ("pass", []), result.evidence


@pytest.mark.lab
def test_without_the_right_to_look_nothing_is_green_and_the_grant_is_named(lab: Lab) -> None:
    own = Secrets(database=SecretRef(file=str(lab.layout.application_password)))
    target = replace(lab.target, settings=replace(lab.target.settings, monitor="", secrets=own))

    result = run_probes(target, "connect", "login", "batches")["batches"]

    assert result.outcome == "unknown"
    assert "GRANT pg_monitor TO app_user" in result.reason


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES (1, 'a')",
        "insert into t (a, b) values ($1, now()) returning id",
        "INSERT INTO t (a) VALUES ('it''s; (fine), here') ON CONFLICT DO NOTHING;",
        "INSERT INTO t (" + "a_wide_column, " * 15 + "b) VALUES (1, coalesce(2, 3))",
    ],
)
def test_an_insert_of_one_row_is_one_however_it_is_written(statement: str) -> None:
    assert is_single_row_insert(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES (1), (2)",
        "INSERT INTO t VALUES (1,2),(3,4)",
        "INSERT INTO t VALUES (1);INSERT INTO t VALUES (2)",
        "INSERT INTO t SELECT * FROM s",
        "INSERT INTO t VALUES (1" + ", 1" * 200 + ")",
        "INSERT INTO t VALUES (1), (",
    ],
)
def test_an_insert_of_several_rows_or_of_unknown_length_is_none(statement: str) -> None:
    assert not is_single_row_insert(statement)


def snapshots(times: int, starts: int, waiting: int, transactions: int = 1) -> list[list[ActivitySample]]:
    """Return snapshots of a session that shows an INSERT in `times` of them, with `starts` executions."""
    samples = [
        ActivitySample(
            7, "app", str(min(n, starts - 1)), f"t{n % transactions}", n < waiting, "INSERT INTO t VALUES (1)"
        )
        for n in range(times)
    ]
    return [[sample] for sample in samples] + [[] for _ in range(SAMPLES - times)]


@pytest.mark.parametrize(
    ("times", "starts", "waiting", "expected"),
    [
        (SAMPLES, SAMPLES, SAMPLES, True),
        (32, 32, 32, True),  # seven of ten samples
        (32, 22, 32, False),  # half of the time it rests
        (SAMPLES, 5, SAMPLES, False),  # it has inserted a few rows, and pauses since
        (26, 26, 26, False),  # it does other things too
        (SAMPLES, SAMPLES, 5, False),  # the server is at work: the rows come in a pipeline
    ],
)
def test_each_of_the_three_shares_is_needed(times: int, starts: int, waiting: int, *, expected: bool) -> None:
    (pattern,) = insert_patterns(snapshots(times, starts, waiting))

    assert row_by_row(pattern, Thresholds()) is expected


def test_one_row_for_each_transaction_is_no_batch_however_often() -> None:
    assert insert_patterns(snapshots(SAMPLES, SAMPLES, SAMPLES, transactions=SAMPLES)) == []


def test_a_statement_that_is_its_own_transaction_counts() -> None:
    alone = [
        [replace(sample, transaction_started="") for sample in snapshot]
        for snapshot in snapshots(SAMPLES, SAMPLES, SAMPLES)
    ]

    (pattern,) = insert_patterns(alone)

    assert row_by_row(pattern, Thresholds())


@pytest.mark.parametrize(("sessions", "kept"), [(MAX_JOBS, MAX_JOBS), (MAX_JOBS + 1, 0)])
def test_an_insert_that_many_sessions_send_without_a_transaction_is_their_requests(
    sessions: int, kept: int
) -> None:
    patterns = [
        InsertPattern(pid, "app", "INSERT INTO t VALUES (?)", 1.0, 1.0, 1.0, in_transaction=False)
        for pid in range(sessions)
    ]

    assert len(without_requests(patterns)) == kept


def test_many_sessions_that_send_row_by_row_in_transactions_are_jobs() -> None:
    patterns = [
        InsertPattern(pid, "app", "INSERT INTO t VALUES (?)", 1.0, 1.0, 1.0, in_transaction=True)
        for pid in range(9)
    ]

    assert without_requests(patterns) == patterns


def at_once(*sessions: int) -> list[list[ActivitySample]]:
    """Return snapshots with a new INSERT outside of a transaction in as many sessions as given for each."""
    return [
        [
            ActivitySample(pid, "app", str(number), "", True, "INSERT INTO t VALUES (1)")
            for pid in range(count)
        ]
        for number, count in enumerate(sessions)
    ]


@pytest.mark.parametrize(
    ("sessions", "change", "overlap"),
    [((1, 1, 1, 1, 1), 1.0, 0.0), ((3, 3, 2, 1, 0), 0.75, 0.5), ((1, 0, 0, 0, 1), 0.25, 0.0)],
)
def test_inserts_behind_a_pooler_are_counted_over_all_sessions(
    sessions: tuple[int, ...], change: float, overlap: float
) -> None:
    (insert,) = shared_inserts(at_once(*sessions))

    assert (insert.change, insert.overlap) == (change, overlap)


def test_behind_a_pooler_only_a_transaction_belongs_to_one_client() -> None:
    assert insert_patterns(at_once(*[1] * SAMPLES), shared=True) == []
    assert len(insert_patterns(snapshots(SAMPLES, SAMPLES, SAMPLES), shared=True)) == 1
