"""Books payments through a pool of three; every connection comes back, after errors too.

Take a connection in one place only: a context manager that gives it back in `finally`, whatever happened.
Within it, `with conn` ends the transaction. SQLAlchemy has both in one: `with engine.begin() as conn`.
A call to another service does not belong into either block.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from psycopg2.extensions import connection
from psycopg2.pool import ThreadedConnectionPool

MOVE = "UPDATE accounts SET balance = balance - %s WHERE id = %s RETURNING balance"


def open_pool() -> ThreadedConnectionPool:
    """One to three connections."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    url = os.environ["DATABASE_URL"]
    return ThreadedConnectionPool(
        1, 3, url, password=password, application_name="payments", connect_timeout=3
    )


@contextmanager
def transaction(pool: ThreadedConnectionPool) -> Iterator[connection]:
    """Lend a connection for one transaction. Raises psycopg2.pool.PoolError if none is free."""
    conn = pool.getconn()
    try:
        with conn:
            yield conn
    finally:
        pool.putconn(conn)


def process_payment(pool: ThreadedConnectionPool, account: int, amount: Decimal) -> Decimal:
    """Book a payment and return the balance."""
    with transaction(pool) as conn, conn.cursor() as cursor:
        cursor.execute(MOVE, (amount, account))
        row = cursor.fetchone()
    return Decimal(row[0]) if row else Decimal(0)


if __name__ == "__main__":
    opened = open_pool()
    balances = [process_payment(opened, number, Decimal(1)) for number in range(1, 9)]
    opened.closeall()
    print("payments:", len(balances))
