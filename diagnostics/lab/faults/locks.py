"""Faults of sessions that wait for a lock."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class
from psycopg2.extensions import make_dsn

from diagnostics.lab.errors import LabError
from diagnostics.lab.postgres.baseline import DATABASE
from diagnostics.lab.process.background_load import background_load

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

TIMEOUT_S = 30.0
POLL_S = 0.02
HOLD = "UPDATE accounts SET balance = balance WHERE id = 1"
READ = "SELECT count(*) FROM accounts"
CHANGE = "ALTER TABLE accounts ALTER COLUMN balance SET DEFAULT 0"
WORK = "SELECT pg_sleep(600)"
WAITING = "SELECT count(*) >= %s FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def lock_queue(lab: "Lab") -> Iterator[None]:
    """Leave a payment idle in its transaction while others wait for the same account."""
    with background_load(lab.application_dsn(), _pay), _lock_held(lab, HOLD):
        _wait_for_waiters(lab, 1)
        yield


def ddl_queue(lab: "Lab") -> Iterator[None]:
    """Start an ALTER TABLE behind a long reader, so that every payment waits behind it."""
    migration = lab.server.admin_arguments(DATABASE) | {"application_name": "migration", "options": ""}
    with (
        background_load(lab.application_dsn(), _pay),
        _lock_held(lab, READ),
        _running(str(make_dsn(**migration)), CHANGE),
    ):
        _wait_for_waiters(lab, 2)
        yield


def busy_holder(lab: "Lab") -> Iterator[None]:
    """Lock an account in a transaction that then works for minutes."""
    with (
        background_load(lab.application_dsn(), _pay),
        _running(_dsn_without_timeouts(lab), f"BEGIN; {HOLD}; {WORK}"),
    ):
        _wait_for_waiters(lab, 1)
        yield


def _pay(dsn: str) -> None:
    with closing(psycopg2.connect(dsn)) as session, session, session.cursor() as cursor:
        cursor.execute(HOLD)


def _dsn_without_timeouts(lab: "Lab") -> str:
    """Return a DSN of the application without timeouts: the fault lasts until it is repaired."""
    options = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
    return str(make_dsn(lab.application_dsn(), options=options))


@contextmanager
def _lock_held(lab: "Lab", statement: str) -> Iterator[None]:
    with closing(psycopg2.connect(_dsn_without_timeouts(lab))) as session, session.cursor() as cursor:
        cursor.execute(statement)
        yield


@contextmanager
def _running(dsn: str, statement: str) -> Iterator[None]:
    """Run a statement in a thread while the block runs; cancel it at the end unless a fix did so before."""
    with closing(psycopg2.connect(dsn)) as session:
        session.autocommit = True
        thread = threading.Thread(target=_execute, args=(session, statement), name="lab-work", daemon=True)
        thread.start()
        try:
            yield
        finally:
            with suppress(psycopg2.Error):
                session.cancel()
            thread.join()


def _execute(session: Connection, statement: str) -> None:
    with suppress(psycopg2.Error), session.cursor() as cursor:
        cursor.execute(statement)


def _wait_for_waiters(lab: "Lab", number: int) -> None:
    until = time.monotonic() + TIMEOUT_S
    while lab.sql(WAITING, number) != [(True,)]:
        if time.monotonic() > until:
            raise LabError(f"no session waited for a lock within {TIMEOUT_S:g} s")
        time.sleep(POLL_S)
