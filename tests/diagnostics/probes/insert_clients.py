"""Program that inserts rows in one way, repeatedly, until its standard input ends.

`python insert_clients.py WAY [--autocommit]`, with DATABASE_DSN. It prints `ready` after the first batch.
It is a process and not a thread, so that it does not compete with the probe for the interpreter's lock.
"""

import argparse
import os
import select
import sys
from collections.abc import Callable
from contextlib import closing
from io import StringIO

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class
from psycopg2.extras import execute_batch, execute_values

ROWS = [(n % 10 + 1, n % 90, f"line {n}") for n in range(2000)]
ONE = "INSERT INTO bookings (account_id, amount, reference) VALUES (%s, %s, %s)"
MANY = "INSERT INTO bookings (account_id, amount, reference) VALUES %s"
COPY = "COPY bookings (account_id, amount, reference) FROM STDIN"


def execute(session: Connection) -> None:
    with session.cursor() as cursor:
        for row in ROWS[:50]:
            cursor.execute(ONE, row)


def executemany(session: Connection) -> None:
    with session.cursor() as cursor:
        cursor.executemany(ONE, ROWS[:50])


def values(session: Connection) -> None:
    with session.cursor() as cursor:
        execute_values(cursor, MANY, ROWS)


def pages(session: Connection) -> None:
    with session.cursor() as cursor:
        execute_batch(cursor, ONE, ROWS)


def copied(session: Connection) -> None:
    with session.cursor() as cursor:
        cursor.copy_expert(COPY, StringIO("".join(f"{a}\t{b}\t{c}\n" for a, b, c in ROWS)))


def request(session: Connection) -> None:
    with session, session.cursor() as cursor:
        cursor.execute(ONE, ROWS[0])


WAYS: dict[str, Callable[[Connection], None]] = {
    way.__name__: way for way in (execute, executemany, values, pages, copied, request)
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--autocommit", action="store_true")
    options = parser.parse_args()
    with closing(psycopg2.connect(os.environ["DATABASE_DSN"])) as session:
        session.autocommit = options.autocommit
        WAYS[options.way](session)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while not select.select([sys.stdin], [], [], 0)[0]:
            WAYS[options.way](session)


if __name__ == "__main__":
    main()
