"""Looks for payments that were booked twice, under a timeout of its own.

The timeout is set for the session, not for the transaction, and its value is pasted into the statement.
`finally` puts 0 in its place: a pooled session has lost the limit that its role had, for all who use it next.
After a timeout the transaction is aborted, so that SET fails too, and the caller gets InFailedSqlTransaction
instead of the error that happened. Nobody rolls back: the connection stays in its transaction.
And the statement compares each payment with each other one, which no timeout makes faster.
"""

import os
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

LIMIT_S = 1
BOOKED = "SELECT type, account_id, amount, count(*) FROM transactions GROUP BY 1, 2, 3 ORDER BY 4 DESC"
DOUBLES = """
    SELECT count(*) FROM transactions a JOIN transactions b USING (account_id, amount)
    WHERE a.type = 'settlement' AND b.type = 'settlement' AND b.id > a.id
"""


def doubles(conn: connection, limit_s: int) -> int:
    """Count the pairs of payments that look alike."""
    with conn.cursor() as cursor:
        cursor.execute(BOOKED)
        try:
            cursor.execute(f"SET statement_timeout = {limit_s * 1000}")
            cursor.execute(DOUBLES)
            return int((cursor.fetchone() or (0,))[0])
        except psycopg2.errors.QueryCanceled:
            raise TimeoutError(f"the search for doubles took longer than {limit_s} s")
        finally:
            cursor.execute("SET statement_timeout = 0")


if __name__ == "__main__":
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    conn = psycopg2.connect(os.environ["DATABASE_URL"], password=password, connect_timeout=3)
    print("pairs:", doubles(conn, LIMIT_S))
