"""Prepares a statement for many payments; behind PgBouncer in transaction mode it is gone at the next one.

PREPARE lives in the server session that the transaction happened to have. When another client has that
session, the next transaction gets a different one: "prepared statement does not exist". psycopg 3, asyncpg
and pgjdbc prepare by themselves, with the same effect. SET, pg_advisory_lock and temporary tables are left
behind in the same way.
"""

import os
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

PREPARE = "PREPARE pay (int) AS UPDATE accounts SET balance = balance - 1 WHERE id = $1"


def connect() -> connection:
    """Open a connection of the application."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    return psycopg2.connect(os.environ["DATABASE_URL"], password=password, application_name="payments")


def process_payments(conn: connection, other: connection) -> int:
    """Book three payments, each in a transaction of its own."""
    with conn, conn.cursor() as cursor:
        cursor.execute(PREPARE)
    with other, other.cursor() as busy:
        busy.execute("SELECT count(*) FROM accounts")  # another worker begins its transaction
        for account in range(1, 4):
            with conn, conn.cursor() as cursor:
                cursor.execute("EXECUTE pay (%s)", (account,))
    return account


if __name__ == "__main__":
    print("payments:", process_payments(connect(), connect()))
