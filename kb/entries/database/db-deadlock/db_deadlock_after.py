"""Moves money between two accounts; payments in any direction wait in line and none deadlocks.

Lock all rows that the transaction will change first, in one order that all programs share: by id.
Give each attempt its own transaction: `with conn` commits, and rolls back on every error.
Retry the whole transaction after SQLSTATE class 40 (40P01, 40001), a few times, with random pauses.
A lost connection is not retried: the commit may have happened. That needs an idempotency key.
"""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import psycopg2
from psycopg2.extensions import TransactionRollbackError, connection

LOCK = "SELECT id FROM accounts WHERE id IN (%s, %s) ORDER BY id FOR NO KEY UPDATE"
MOVE = "UPDATE accounts SET balance = balance + %s WHERE id = %s"
PAUSES_S = (0.05, 0.1, 0.2, 0.4)


def pay(source: int, target: int, amount: Decimal) -> None:
    """Move an amount, or nothing. Raises what the fifth attempt raised."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    url = os.environ["DATABASE_URL"]
    with closing(psycopg2.connect(url, password=password, connect_timeout=3)) as conn:
        for pause in PAUSES_S:
            try:
                return move(conn, source, target, amount)
            except TransactionRollbackError:
                time.sleep(random.uniform(0, pause))  # noqa: S311  it spreads load, it guards nothing
        return move(conn, source, target, amount)


def move(conn: connection, source: int, target: int, amount: Decimal) -> None:
    """One attempt in one transaction."""
    with conn, conn.cursor() as cursor:
        cursor.execute(LOCK, (source, target))
        cursor.execute(MOVE, (-amount, source))
        cursor.execute(MOVE, (amount, target))


if __name__ == "__main__":
    sources = (1, 2) * 8
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(pay, sources, reversed(sources), (Decimal(1),) * len(sources)))
    print("payments:", len(done))
