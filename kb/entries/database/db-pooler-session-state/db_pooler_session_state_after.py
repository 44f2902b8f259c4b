"""Keeps all state within transactions; any server session of the pooler will do for the next one.

A plain statement with parameters needs no PREPARE. What has to be set is set with SET LOCAL, and an advisory
lock is taken with pg_advisory_xact_lock: both end with the transaction. With psycopg 3 pass
prepare_threshold=None, with asyncpg statement_cache_size=0.
"""

import os
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

MOVE = "UPDATE accounts SET balance = balance - 1 WHERE id = %s"
BATCH_LOCK = 7041


def connect() -> connection:
    """Open a connection of the application."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    url = os.environ["DATABASE_URL"]
    return psycopg2.connect(url, password=password, application_name="payments", connect_timeout=3)


def process_payment(conn: connection, account: int) -> None:
    """Book a payment, with a timeout and a lock that end with its transaction."""
    with conn, conn.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (BATCH_LOCK, account))
        cursor.execute(MOVE, (account,))


if __name__ == "__main__":
    with closing(connect()) as own, closing(connect()) as other:
        other.cursor().execute("SELECT count(*) FROM accounts")  # another worker begins its transaction
        for number in range(1, 4):
            process_payment(own, number)
    print("payments:", number)
