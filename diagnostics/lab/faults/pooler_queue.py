"""Faults of the pool in PgBouncer: all of its server sessions are held, and other clients wait."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class

from diagnostics.lab.faults.capacity import holding
from diagnostics.lab.faults.pooler import READ, REPORTING, SMALL, client_dsn, pooled
from diagnostics.lab.postgres.pgbouncer import PgBouncer
from diagnostics.lab.process.background_load import background_load, busy_sessions

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

WORK = "BEGIN; SELECT pg_sleep(4)"
SHORT_WORK = "SELECT pg_sleep(0.25)"


def idle_in_transaction(lab: "Lab") -> Iterator[None]:
    """Hold every server session of the pool in a transaction that waits for its client."""
    with (
        pooled(lab, settings={**SMALL, "default_pool_size": "1"}) as pooler,
        holding(lab, (client_dsn(lab, pooler), 1), statement=READ, application=REPORTING),
    ):
        yield


def long_transactions(lab: "Lab") -> Iterator[None]:
    """Work in every server session of the pool in a transaction that lasts for minutes."""
    with pooled(lab, settings=SMALL) as pooler, _working(lab, pooler, 2):
        yield


def too_small(lab: "Lab") -> Iterator[None]:
    """Run short statements of more clients than the pool has server sessions."""
    with pooled(lab, settings=SMALL) as pooler, ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(background_load(client_dsn(lab, pooler), _work_shortly))
        yield


def session_mode(lab: "Lab") -> Iterator[None]:
    """Keep idle clients connected to a pool in mode session, as many as it has server sessions."""
    with (
        pooled(lab, mode="session", settings={**SMALL, "default_pool_size": "6"}) as pooler,
        holding(lab, (client_dsn(lab, pooler), 6), statement=f"{READ}; COMMIT", application=REPORTING),
    ):
        yield


@contextmanager
def _working(lab: "Lab", pooler: PgBouncer, clients: int) -> Iterator[None]:
    """Work in one transaction of each client, until a statement is cancelled or the block ends."""
    with ExitStack() as stack:
        sessions = [
            stack.enter_context(
                closing(psycopg2.connect(client_dsn(lab, pooler), application_name=REPORTING))
            )
            for _ in range(clients)
        ]
        stack.enter_context(busy_sessions(sessions, _work))
        yield


def _work(_number: int, session: Connection, ending: threading.Event) -> None:
    with suppress(psycopg2.Error), closing(session), session.cursor() as cursor:
        session.autocommit = True
        while not ending.is_set():
            cursor.execute(WORK)


def _work_shortly(dsn: str) -> None:
    """Run some short statements; the next call connects again if the pooler has closed the client."""
    with closing(psycopg2.connect(dsn, application_name=REPORTING)) as session:
        session.autocommit = True
        for _ in range(4):
            session.cursor().execute(SHORT_WORK)
