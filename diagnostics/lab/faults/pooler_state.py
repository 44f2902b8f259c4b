"""Faults of clients that leave their state in server sessions which PgBouncer gives to others."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2

from diagnostics.lab.faults.pooler import READ, REPORTING, client_dsn, pooled

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def prepared_statements(lab: "Lab") -> Iterator[None]:
    """Prepare statements as drivers do, through a pool in mode transaction."""
    yield from _left(lab, f"PREPARE _pg3_0 AS {READ}")


def session_settings(lab: "Lab") -> Iterator[None]:
    """Change a setting by SET, through a pool in mode transaction."""
    yield from _left(lab, "SET lock_timeout = '50ms'")


def advisory_locks(lab: "Lab") -> Iterator[None]:
    """Take an advisory lock of the session, through a pool in mode transaction."""
    yield from _left(lab, "SELECT pg_advisory_lock(7041)")


def temp_tables(lab: "Lab") -> Iterator[None]:
    """Create a temporary table, through a pool in mode transaction."""
    yield from _left(lab, "CREATE TEMPORARY TABLE settlement_batch (id bigint)")


def listeners(lab: "Lab") -> Iterator[None]:
    """Listen to a channel, through a pool in mode transaction."""
    yield from _left(lab, "LISTEN payments_booked")


def _left(lab: "Lab", statement: str) -> Iterator[None]:
    """Run a statement in a client that stays connected, so that its state stays in the server session."""
    with (
        pooled(lab) as pooler,
        closing(psycopg2.connect(client_dsn(lab, pooler), application_name=REPORTING)) as session,
    ):
        session.autocommit = True
        session.cursor().execute(statement)
        yield
