"""Faults of concurrent transactions that conflict: deadlocks and serialization failures."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_SERIALIZABLE
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class

from diagnostics.lab.errors import LabError
from diagnostics.lab.postgres.baseline import ACCOUNTS, DATABASE
from diagnostics.lab.process.background_load import background_load

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

TIMEOUT_S = 30.0
POLL_S = 0.05
FIRST, SECOND = ACCOUNTS - 1, ACCOUNTS
"""Accounts that no payment of the lab touches."""
LOSERS = 6
"""Failed transactions per committed one: on a busy machine many others commit in the same window."""
ROUNDS = 2
"""Conflicts per session: a backend reports its rollbacks to the statistics when it ends."""
WORK_S = 0.1
"""Time between reading and writing, long enough for a probe that samples four times a second."""
ADD = "UPDATE accounts SET balance = balance + 1 WHERE id = %s"


def deadlocks(lab: "Lab") -> Iterator[None]:
    """Run pairs of transfers that lock the same two accounts in opposite order, several a second."""
    with background_load(lab.application_dsn(), _deadlock):
        _wait_until(lab, "SELECT deadlocks > 0 FROM pg_stat_database WHERE datname = %s")
        yield


def serialization(lab: "Lab") -> Iterator[None]:
    """Run SERIALIZABLE transfers that conflict, many a second; six of seven fail."""
    with background_load(lab.application_dsn(), _serialization_failures):
        _wait_until(lab, "SELECT xact_rollback > 5 FROM pg_stat_database WHERE datname = %s")
        yield


def _deadlock(dsn: str) -> None:
    barrier = threading.Barrier(2, timeout=TIMEOUT_S)
    workers = [
        threading.Thread(target=_transfer, args=(dsn, barrier, first, second), name="lab-transfer")
        for first, second in ((FIRST, SECOND), (SECOND, FIRST))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _transfer(dsn: str, barrier: threading.Barrier, first: int, second: int) -> None:
    # The connection ends with the transfer: a backend that stays reports its deadlock 10 s later.
    try:
        with closing(psycopg2.connect(dsn)) as session, session, session.cursor() as cursor:
            cursor.execute(ADD, (first,))
            barrier.wait()
            cursor.execute(ADD, (second,))
    except (psycopg2.Error, threading.BrokenBarrierError):
        barrier.abort()


def _serialization_failures(dsn: str) -> None:
    with ExitStack() as stack:
        sessions = [stack.enter_context(closing(psycopg2.connect(dsn))) for _ in range(1 + LOSERS)]
        for session in sessions:
            session.set_session(isolation_level=ISOLATION_LEVEL_SERIALIZABLE)
        for _ in range(ROUNDS):
            _conflict(*sessions)


def _conflict(winner: Connection, *losers: Connection) -> None:
    for session in (winner, *losers):
        with session.cursor() as cursor:
            cursor.execute("SELECT balance FROM accounts WHERE id = %s", (FIRST,))
    time.sleep(WORK_S)
    with winner, winner.cursor() as cursor:
        cursor.execute(ADD, (FIRST,))
    for loser in losers:
        try:
            with loser, loser.cursor() as cursor:
                cursor.execute(ADD, (FIRST,))
        except psycopg2.errors.SerializationFailure:
            continue


def _wait_until(lab: "Lab", statement: str) -> None:
    until = time.monotonic() + TIMEOUT_S
    while lab.sql(statement, DATABASE) != [(True,)]:
        if time.monotonic() > until:
            raise LabError(f"no conflict was counted within {TIMEOUT_S:g} s")
        time.sleep(POLL_S)
