"""Sessions are ended from outside, again and again."""

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
"""Longer than the doctor's own sessions are ever quiet."""
SESSIONS = 3
PATIENCE_S = 1.0
TERMINATE = f"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename = '{APPLICATION}' AND application_name NOT LIKE 'clearpay-%'
  AND backend_start < now() - interval '100 ms'
"""  # noqa: S608  a constant of this file


def idle_in_transaction(lab: "Lab") -> Iterator[None]:
    """Transactions that stand idle for longer than the server allows."""
    lab.sql(f"ALTER ROLE {APPLICATION} SET idle_in_transaction_session_timeout = {IDLE_MS}")
    with background_load(_bare(lab), _begin_and_wait):
        yield


def idle_session(lab: "Lab") -> Iterator[None]:
    """Sessions that stand idle for longer than the server allows."""
    lab.sql(f"ALTER ROLE {APPLICATION} SET idle_session_timeout = {IDLE_MS}")
    with background_load(_bare(lab), _wait):
        yield


def terminated(lab: "Lab") -> Iterator[None]:
    """A program that tidies up sessions and takes those of the application for old ones."""
    person = lab.server.admin_arguments(DATABASE) | {"application_name": "tidy-up"}
    with (
        background_load(_bare(lab), _wait),
        closing(psycopg2.connect(**person)) as tidier,
        background_load("", lambda _: _terminate(tidier)),
    ):
        yield


def cut(lab: "Lab") -> Iterator[None]:
    """Something between application and server drops connections that are quiet."""
    with IdleCutter(lab.server.port, CUT_S) as cutter:
        lab.override_address(port=cutter.port)
        with background_load(str(make_dsn(_bare(lab), port=cutter.port)), _wait):
            yield


def _bare(lab: "Lab") -> str:
    """The application's session with the timeouts that the server gives it."""
    return str(make_dsn(lab.application_dsn(), options=""))


def _terminate(session: Connection) -> None:
    session.autocommit = True  # as psql and cron jobs do: their last statement stays in pg_stat_activity
    with session.cursor() as cursor:
        cursor.execute(TERMINATE)
    time.sleep(0.05)


def _begin_and_wait(dsn: str) -> None:
    with closing(psycopg2.connect(dsn)) as session:
        session.cursor().execute("SELECT 1")
        _until_ended([session])


def _wait(dsn: str) -> None:
    with ExitStack() as stack:
        _until_ended([stack.enter_context(closing(psycopg2.connect(dsn))) for _ in range(SESSIONS)])


def _until_ended(sessions: list[Connection]) -> None:
    """Wait until the server, or what stands between, has said goodbye to each."""
    until = time.monotonic() + PATIENCE_S
    while sessions and (left := until - time.monotonic()) > 0:
        ended = select.select(sessions, [], [], left)[0]
        sessions = [session for session in sessions if session not in ended]
