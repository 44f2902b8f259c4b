"""Hold idle connections, as an application that leaks them does.

Run as a script: `python connection_holder.py`. The first line of its standard input is JSON
{"pid_file", "fills"}. A fill is {"dsn", "most", "statement", "application"}: the number of sessions, null for
as many as the server accepts, a statement that each session runs without ending its transaction, and the
application_name. It prints `ready` when all sessions are open, and closes them at SIGTERM or at the end of
its standard input.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class

REFUSALS = 3
"""Consecutive refusals after which the server counts as full: other sessions may still be ending."""
PAUSE_S = 0.02


def fill(dsn: str, most: int | None, statement: str, application: str) -> list[Connection]:
    """Open `most` sessions, or as many as the server accepts."""
    sessions: list[Connection] = []
    refused = 0
    while refused < REFUSALS and (most is None or len(sessions) < most):
        try:
            sessions.append(psycopg2.connect(dsn, application_name=application))
            refused = 0
        except psycopg2.OperationalError:
            refused += 1
            time.sleep(PAUSE_S)
    for session in sessions if statement else ():
        session.cursor().execute(statement)
    return sessions


def release(sessions: list[Connection]) -> None:
    """Close all sessions, the last one when the server has ended the others."""
    for session in sessions[:-1]:
        session.close()
    try:
        with sessions[-1].cursor() as cursor:
            for _ in range(100):
                cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'payments'")
                if cursor.fetchone() in {(0,), (1,)}:
                    break
                sessions[-1].rollback()
                time.sleep(PAUSE_S)
    except psycopg2.Error:
        pass  # the server is down or has ended the session
    sessions[-1].close()


def main() -> None:
    """Open the requested sessions and hold them until a signal or the end of standard input."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    request: dict[str, Any] = json.loads(sys.stdin.readline())
    pid_file = Path(request["pid_file"])
    sessions: list[Connection] = []
    pid_file.write_text(str(os.getpid()), "utf-8")
    try:
        for requested in request["fills"]:
            sessions += fill(**requested)
        print("ready", flush=True)  # noqa: T201  the lab waits for this line
        sys.stdin.read()
    finally:
        if sessions:
            release(sessions)
        pid_file.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
