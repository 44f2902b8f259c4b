"""Faults of the application's connection pool: used up, leaking, or larger than the server."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class

from diagnostics.lab.faults.capacity import holding
from diagnostics.lab.process.background_load import busy_sessions

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

WORK_S = 4.0
"""Duration of a statement. The workers start staggered, so that at any moment most are far into theirs."""
LEAKED = 4
SURPLUS = 2


def exhausted(lab: "Lab") -> Iterator[None]:
    """Run one slow statement after another in every session of the pool."""
    with ExitStack() as stack:
        sessions = [_in_transaction(lab, stack) for _ in range(lab.pool.capacity)]
        stack.enter_context(_working(sessions))
        yield


def _in_transaction(lab: "Lab", stack: ExitStack) -> Connection:
    """Open a session with a transaction, so that it is not free for others between two statements."""
    session: Connection = stack.enter_context(closing(psycopg2.connect(lab.application_dsn())))
    session.cursor().execute("SELECT count(*) FROM bookings")
    return session


def _working(sessions: list[Connection]) -> AbstractContextManager[None]:
    """Run statements in every session, until one is cancelled, as the entry's fix does, or the fault ends."""

    def work(number: int, session: Connection, ending: threading.Event) -> None:
        seconds = WORK_S * number / len(sessions)
        with suppress(psycopg2.Error), closing(session), session.cursor() as cursor:
            while not ending.is_set():
                cursor.execute("SELECT pg_sleep(%s)", (seconds,))
                seconds = WORK_S

    return busy_sessions(sessions, work)


def leaked(lab: "Lab") -> Iterator[None]:
    """Take connections from the pool, read with them, and never return them."""
    query = "SELECT balance FROM accounts WHERE id = 1"
    with holding(lab, (lab.application_dsn(), LEAKED), statement=query):
        yield


def unpooled(lab: "Lab") -> Iterator[None]:
    """Open more sessions than the pool has, as an application does that creates an engine per request."""
    lab.resize(replace(lab.pool, size=2, max_overflow=1))
    with holding(lab, (lab.application_dsn(), lab.pool.capacity + SURPLUS)):
        yield


def oversubscribed(lab: "Lab") -> Iterator[None]:
    """Scale the application to four processes; the server has room for the pool of one."""
    lab.resize(replace(lab.pool, processes=4))
    yield
