"""Pays from an account at isolation SERIALIZABLE, and runs a transaction again when it lost a conflict.

Retry SQLSTATE class 40 as a whole: 40001 and 40P01. Run everything again, the reads too: what the first
attempt read may be out of date. Nothing but SQL belongs into the transaction, for it may run several times.
Bound the attempts and sleep a random part of a growing pause, or the same rivals meet again.
For one row, use no SERIALIZABLE at all: `UPDATE ... WHERE id = %s AND balance >= %s` checks and changes.
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

PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8, 0.8, 0.8)


def pay(account: int, amount: Decimal) -> bool:
    """Take an amount if the balance covers it. Raises what the last attempt raised."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    url = os.environ["DATABASE_URL"]
    with closing(psycopg2.connect(url, password=password, connect_timeout=3)) as conn:
        conn.set_session(isolation_level="SERIALIZABLE")
        for pause in PAUSES_S:
            try:
                return take(conn, account, amount)
            except TransactionRollbackError:
                time.sleep(random.uniform(0, pause))  # noqa: S311  it spreads load, it guards nothing
        return take(conn, account, amount)


def take(conn: connection, account: int, amount: Decimal) -> bool:
    """One attempt in one transaction, which `with conn` commits or rolls back."""
    with conn, conn.cursor() as cursor:
        cursor.execute("SELECT balance >= %s FROM accounts WHERE id = %s", (amount, account))
        (covered,) = cursor.fetchone() or (False,)
        if covered:
            cursor.execute("UPDATE accounts SET balance = balance - %s WHERE id = %s", (amount, account))
    return bool(covered)


if __name__ == "__main__":
    with ThreadPoolExecutor(4) as pool:
        print("payments:", sum(pool.map(pay, (1,) * 12, (Decimal("0.01"),) * 12)))
