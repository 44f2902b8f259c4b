"""Stores a file of bookings with one INSERT for each row.

Each row costs a round trip, and the program waits for it: on a network of 1 ms delay 3,000 rows take 7 s, of
which the database works for a fraction. `executemany` of psycopg2 is the same loop. Without a list of columns
the statement breaks as soon as somebody adds one.
"""

import os
import time
from contextlib import closing
from pathlib import Path

import psycopg2

FIRST = time.time_ns() // 1000
ROWS = [(FIRST + n, n % 10 + 1, n % 100, "EUR", "card", f"file 7, line {n}") for n in range(3000)]


def process_transactions(conn: psycopg2.extensions.connection) -> float:
    """Store all rows in one transaction; returns the seconds that it took."""
    began = time.perf_counter()
    with conn, conn.cursor() as cursor:
        for row in ROWS:
            cursor.execute("INSERT INTO bookings VALUES (%s, %s, %s, %s, %s, %s)", row)
    return time.perf_counter() - began


if __name__ == "__main__":
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    with closing(psycopg2.connect(os.environ["DATABASE_URL"], password=password)) as session:
        seconds = process_transactions(session)
    print(f"{len(ROWS)} rows, {len(ROWS) / seconds:.0f} in a second; time taken: {seconds:.3f} s")
