"""Insert a file of bookings row by row, until standard input ends.

Run as a script: `python row_by_row.py`, with DATABASE_DSN. It prints `ready` after the first row.
Nothing is committed.
"""

import os
import select
import sys
import time
from contextlib import closing

import psycopg2

ROUND_TRIP_S = 0.001
"""Added to each row, as a network would."""
INSERT = "INSERT INTO bookings (account_id, amount, reference) VALUES (%s, %s, %s)"


def main() -> None:
    """Insert one row after another."""
    with closing(psycopg2.connect(os.environ["DATABASE_DSN"])) as session, session.cursor() as cursor:
        number = 0
        while not select.select([sys.stdin], [], [], 0)[0]:
            number += 1
            cursor.execute(INSERT, (number % 10 + 1, number % 100, f"file 7, line {number}"))
            if number == 1:
                print("ready", flush=True)  # noqa: T201  the lab waits for this line
            time.sleep(ROUND_TRIP_S)


if __name__ == "__main__":
    main()
