"""Books two payments over a connection that is asked before it is used, and says why one was lost.

Ping a connection that was idle before its first statement, and open another where it is gone. Nothing was
begun by then, so nothing can be booked twice. SQLAlchemy does so with pool_pre_ping=True.
The partner is asked before the transaction begins: the session is never idle inside one.
With a wait callback psycopg2 reads to the end what the server sent, and keeps the line with the reason.
A connection that is lost after the first statement is not tried again: the commit may have happened.
"""

import os
import sys
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection, set_wait_callback
from psycopg2.extras import wait_select

PAUSE_S = 1.2
TAKE = "UPDATE accounts SET balance = balance - %s WHERE id = 2"
BOOK = "INSERT INTO transactions (account_id, amount, type) VALUES (2, %s, 'payment')"


def connect() -> connection:
    """Open a session with TCP keepalives."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    url = os.environ["DATABASE_URL"]
    return psycopg2.connect(url, password=password, connect_timeout=3, keepalives_idle=30)


def alive(conn: connection) -> connection:
    """Return the connection, or a new one if the server ended it."""
    try:
        with conn, conn.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error as error:
        print(f"the session was ended: {error.__context__ or error}", file=sys.stderr)
        conn.close()
        return connect()
    return conn


def pay(conn: connection, amount: Decimal) -> connection:
    """Book a payment; returns the connection that did it."""
    time.sleep(PAUSE_S)  # stands for a call to the partner
    conn = alive(conn)
    with conn, conn.cursor() as cursor:
        cursor.execute(TAKE, (amount,))
        cursor.execute(BOOK, (amount,))
    return conn


if __name__ == "__main__":
    set_wait_callback(wait_select)
    session = connect()
    for _ in range(2):
        session = pay(session, Decimal(5))
    with closing(session):
        print("payments: 2")
