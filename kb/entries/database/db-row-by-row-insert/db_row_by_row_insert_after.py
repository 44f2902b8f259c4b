"""Stores a file of bookings with one INSERT for each thousand rows.

`execute_values` builds one statement from many rows: three round trips in the place of three thousand. Name
the columns. Give the rows a key of their own and skip those that are there (ON CONFLICT DO NOTHING): then a
file that broke off is simply sent again. Commit in pieces where a file has more than a few ten thousand rows.
COPY is faster still, for tables that nobody writes to meanwhile and rows that need no answer.
"""

import os
import time
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection
from psycopg2.extras import execute_values

FIRST = time.time_ns() // 1000
ROWS = [(FIRST + n, n % 10 + 1, n % 100, "EUR", "card", f"file 7, line {n}") for n in range(3000)]
INSERT = """
INSERT INTO bookings (id, account_id, amount, currency, category, reference) VALUES %s
ON CONFLICT (id) DO NOTHING
"""


def process_transactions(conn: connection) -> float:
    """Store all rows in one transaction; returns the seconds that it took."""
    began = time.perf_counter()
    with conn, conn.cursor() as cursor:
        execute_values(cursor, INSERT, ROWS, page_size=1000)
    return time.perf_counter() - began


if __name__ == "__main__":
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    url = os.environ["DATABASE_URL"]
    with closing(psycopg2.connect(url, password=password, connect_timeout=3)) as session:
        seconds = process_transactions(session)
    print(f"{len(ROWS)} rows, {len(ROWS) / seconds:.0f} in a second; time taken: {seconds:.3f} s")
