"""Books payments through a pool of three; the fourth finds it empty, though nobody else is at work.

`with connection` of psycopg2 ends a transaction: it commits or rolls back. It does not give the connection
back to its pool, and does not close it either. Each payment takes one forever.
The balance is read outside of that block, so the connection also stays in an open transaction: it holds its
snapshot, its locks and its slot. Log and raise as you like, it is not given back after errors either.
"""

import logging
import os
from decimal import Decimal
from pathlib import Path

from psycopg2.pool import ThreadedConnectionPool

MOVE = "UPDATE accounts SET balance = balance - %s WHERE id = %s"
BALANCE = "SELECT balance FROM accounts WHERE id = %s"


def open_pool() -> ThreadedConnectionPool:
    """One to three connections."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    return ThreadedConnectionPool(
        1, 3, os.environ["DATABASE_URL"], password=password, application_name="payments"
    )


def process_payment(connection_pool: ThreadedConnectionPool, account: int, amount: Decimal) -> object:
    """Book a payment and return the balance."""
    try:
        with connection_pool.getconn() as conn:
            conn.cursor().execute(MOVE, (amount, account))
        cursor = conn.cursor()
        cursor.execute(BALANCE, (account,))
        return cursor.fetchone()
    except Exception as error:
        logging.error("payment failed: %s", error)
        raise


if __name__ == "__main__":
    pool = open_pool()
    for number in range(1, 9):
        print("payment", number, process_payment(pool, number, Decimal(1)))
