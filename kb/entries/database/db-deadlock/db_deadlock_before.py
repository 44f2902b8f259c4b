"""Moves money between two accounts; two payments in opposite directions deadlock.

Each payment locks its own source first, so two of them wait for each other and PostgreSQL aborts one.
The retry starts again without a rollback. The transaction is still the aborted one, so every further
attempt fails with "current transaction is aborted": the retry cannot ever succeed.
It also sleeps while it holds its connection, and always for the same time.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import psycopg2

WORK_S = 0.05
MOVE = "UPDATE accounts SET balance = balance + %s WHERE id = %s"


class DeadlockDetectedError(Exception):
    """A payment was given up after a deadlock."""


def pay(source: int, target: int, amount: Decimal) -> None:
    """Move an amount; three attempts."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    conn = psycopg2.connect(os.environ["DATABASE_URL"], password=password, connect_timeout=3)
    first: psycopg2.Error | None = None
    for attempt in range(1, 4):
        try:
            with conn.cursor() as cursor:
                cursor.execute(MOVE, (-amount, source))
                time.sleep(WORK_S)  # stands for the work that a payment does between its two changes
                cursor.execute(MOVE, (amount, target))
            return conn.commit()
        except psycopg2.Error as error:
            first = first or error
            print(f"attempt {attempt} failed: {error}", file=sys.stderr)
            time.sleep(0.05)
    raise DeadlockDetectedError(f"payment from {source} to {target} given up after 3 attempts") from first


def pay_many(source: int, target: int) -> int:
    """Five payments in one direction."""
    for _ in range(5):
        pay(source, target, Decimal(1))
    return 5


if __name__ == "__main__":
    with ThreadPoolExecutor() as pool:
        print("payments:", sum(pool.map(pay_many, (1, 2), (2, 1))))
