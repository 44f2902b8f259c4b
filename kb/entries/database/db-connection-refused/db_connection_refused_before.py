"""Waits for the database by trying five times, whatever the reason.

It tries again after every OperationalError: a wrong password is sent five times, which can lock the role out.
No `connect_timeout` is set, so one try against a host that drops packets lasts about two minutes.
All workers sleep the same time and come back in the same moment, just when the database starts.
At the end it raises a new error without the old one: the log says "refused" whatever really happened.
"""

import os
import sys
import time
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

TRIES = 5
DELAY_S = 0.1


def connect() -> connection:
    """Try five times at fixed intervals."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    for attempt in range(1, TRIES + 1):
        try:
            return psycopg2.connect(os.environ["DATABASE_URL"], password=password)
        except psycopg2.OperationalError as error:
            print(f"attempt {attempt} failed: {error}", file=sys.stderr)
            time.sleep(DELAY_S)
    raise ConnectionRefusedError(f"could not connect to the database in {TRIES} attempts")


if __name__ == "__main__":
    with connect().cursor() as cursor:
        cursor.execute("SELECT count(*) FROM transactions")
        print("transactions:", cursor.fetchone())
