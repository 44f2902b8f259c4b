"""A process that holds connections and does nothing with them, as an application that leaks them does.

Run as a script: `python hog.py`. The first line of its standard input is JSON {"pid_file", "fills"}, where a
fill is {"dsn", "most", "statement"}: so many sessions, or null for as many as the server gives; where there
is a statement, each session runs it and never ends its transaction. It prints `ready` when it
holds them. It lets go at SIGTERM and at the end of its standard input.
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

APPLICATION_NAME = "payments"
REFUSALS = 3
"""The server is full when it says so this often in a row: sessions of others may still be ending."""
PAUSE_S = 0.02


def fill(dsn: str, most: int | None, statement: str = "") -> list[Connection]:
    """Open sessions until there are enough or the server refuses."""
    held: list[Connection] = []
    refused = 0
    while refused < REFUSALS and (most is None or len(held) < most):
        try:
            held.append(psycopg2.connect(dsn, application_name=APPLICATION_NAME))
            refused = 0
        except psycopg2.OperationalError:
            refused += 1
            time.sleep(PAUSE_S)
    for session in held if statement else ():
        session.cursor().execute(statement)
    return held


def release(held: list[Connection]) -> None:
    """Close all, the last one only when the server has ended the others."""
    for session in held[:-1]:
        session.close()
    try:
        with held[-1].cursor() as cursor:
            for _ in range(100):
                cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'payments'")
                if cursor.fetchone() in {(0,), (1,)}:
                    break
                held[-1].rollback()
                time.sleep(PAUSE_S)
    except psycopg2.Error:
        pass  # the server is down or has ended the session: there is nothing to wait for
    held[-1].close()


def main() -> None:
    """Hold the sessions that are asked for until it is told to let go."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    request: dict[str, Any] = json.loads(sys.stdin.readline())
    pid_file = Path(request["pid_file"])
    held: list[Connection] = []
    pid_file.write_text(str(os.getpid()), "utf-8")
    try:
        for wanted in request["fills"]:
            held += fill(**wanted)
        print("ready", flush=True)  # noqa: T201  the lab waits for this line
        sys.stdin.read()
    finally:
        if held:
            release(held)
        pid_file.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
