"""Faults that end sessions: timeouts of the server, an administrator, a network device."""

import select
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class
from psycopg2.extensions import make_dsn

from diagnostics.lab.postgres.baseline import APPLICATION, DATABASE
from diagnostics.lab.process.background_load import background_load
from diagnostics.lab.servers.idle_cutter import IdleCutter

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

IDLE_MS = 300
CUT_S = 0.7
"""Longer than any session of the doctor is idle."""
SESSIONS = 3
IDLE_S = 1.0
TERMINATE = f"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename = '{APPLICATION}' AND application_name NOT LIKE 'clearpay-%'
  AND state = 'idle' AND greatest(state_change, backend_start) < now() - interval '300 ms'
"""  # noqa: S608  a constant of this file


def idle_in_transaction(lab: "Lab") -> Iterator[None]:
    """Leave transactions idle longer than idle_in_transaction_session_timeout."""
    lab.sql(f"ALTER ROLE {APPLICATION} SET idle_in_transaction_session_timeout = {IDLE_MS}")
    with background_load(_dsn_with_server_timeouts(lab), _hold_idle_transaction):
        yield


def idle_session(lab: "Lab") -> Iterator[None]:
    """Leave sessions idle longer than idle_session_timeout."""
    lab.sql(f"ALTER ROLE {APPLICATION} SET idle_session_timeout = {IDLE_MS}")
    with background_load(_dsn_with_server_timeouts(lab), _hold_idle_sessions):
        yield


def terminated(lab: "Lab") -> Iterator[None]:
    """Run a clean-up program that terminates the application's idle sessions."""
    administrator = lab.server.admin_arguments(DATABASE) | {"application_name": "tidy-up"}
    with (
        background_load(_dsn_with_server_timeouts(lab), _hold_idle_sessions),
        closing(psycopg2.connect(**administrator)) as cleanup,
        background_load("", lambda _: _terminate(cleanup)),
    ):
        yield


def cut(lab: "Lab") -> Iterator[None]:
    """Drop idle connections between the application and the server, as a firewall does."""
    with IdleCutter(lab.server.port, CUT_S) as cutter:
        lab.override_address(port=cutter.port)
        with background_load(
            str(make_dsn(_dsn_with_server_timeouts(lab), port=cutter.port)), _hold_idle_sessions
        ):
            yield


def _dsn_with_server_timeouts(lab: "Lab") -> str:
    """Return a DSN of the application without options, so that the server's timeouts apply."""
    return str(make_dsn(lab.application_dsn(), options=""))


def _terminate(session: Connection) -> None:
    session.autocommit = True  # as psql and cron jobs do: their last statement stays in pg_stat_activity
    with session.cursor() as cursor:
        cursor.execute(TERMINATE)
    time.sleep(0.05)


def _hold_idle_transaction(dsn: str) -> None:
    with closing(psycopg2.connect(dsn)) as session:
        session.cursor().execute("SELECT 1")
        _wait_until_closed([session])


def _hold_idle_sessions(dsn: str) -> None:
    with ExitStack() as stack:
        _wait_until_closed([stack.enter_context(closing(psycopg2.connect(dsn))) for _ in range(SESSIONS)])


def _wait_until_closed(sessions: list[Connection]) -> None:
    """Wait until the server, or the device between, has closed each session."""
    until = time.monotonic() + IDLE_S
    while sessions and (left := until - time.monotonic()) > 0:
        closed = select.select(sessions, [], [], left)[0]
        sessions = [session for session in sessions if session not in closed]
