"""Waits for a database that is about to answer, and for nothing else.

Bound every try with `connect_timeout` and the whole wait with a deadline. Try again only after what can
pass by itself: nothing listens yet, or the server still starts. Anything else is raised at once.
Sleep a random part of a growing interval, so that workers do not come back together. Keep the cause.
libpq gives no SQLSTATE for a failed connection: its text is all there is to decide by.
"""

import os
import random
import time
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

CAN_PASS = ("Connection refused", "No such file or directory", "the database system is starting up")
LONGEST_PAUSE_S = 5.0


class DatabaseUnavailableError(Exception):
    """The database did not answer in time; its cause is the last failure."""


def connect(wait: float = 20.0) -> connection:
    """Connect within about `wait` seconds. Raises DatabaseUnavailableError; other errors pass unchanged."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    deadline, ceiling = time.monotonic() + wait, 0.1
    while True:
        try:
            return psycopg2.connect(os.environ["DATABASE_URL"], password=password, connect_timeout=3)
        except psycopg2.OperationalError as error:
            if not any(text in str(error) for text in CAN_PASS):
                raise
            pause = random.uniform(0, ceiling)  # noqa: S311  it spreads load, it guards nothing
            if time.monotonic() + pause > deadline:
                raise DatabaseUnavailableError(f"no answer within {wait:g} s") from error
        time.sleep(pause)
        ceiling = min(2 * ceiling, LONGEST_PAUSE_S)


if __name__ == "__main__":
    with closing(connect()) as conn, conn.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM transactions")
        print("transactions:", cursor.fetchone())
