"""Pays from an account at isolation SERIALIZABLE, and treats a deadlock as the only conflict.

SERIALIZABLE makes PostgreSQL abort transactions that cannot be put in some order: SQLSTATE 40001.
That is no fault, it is the price of the level, and the program has to run the transaction again.
This one retries 40P01 only. So under load good payments are lost, and more of them the more there are.
The level is not even needed here: the check and the change concern one row.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import psycopg2
from psycopg2.errors import DeadlockDetected
from psycopg2.extensions import connection

WORK_S = 0.05


def pay(account: int, amount: Decimal) -> bool:
    """Take an amount if the balance covers it; three attempts."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    conn = psycopg2.connect(os.environ["DATABASE_URL"], password=password, connect_timeout=3)
    conn.set_session(isolation_level="SERIALIZABLE")
    for _ in range(3):
        try:
            return take(conn, account, amount)
        except DeadlockDetected:
            conn.rollback()
    return False


def take(conn: connection, account: int, amount: Decimal) -> bool:
    """One attempt in one transaction."""
    with conn, conn.cursor() as cursor:
        cursor.execute("SELECT balance >= %s FROM accounts WHERE id = %s", (amount, account))
        (covered,) = cursor.fetchone() or (False,)
        time.sleep(WORK_S)  # stands for the work that a payment does between reading and writing
        if covered:
            cursor.execute("UPDATE accounts SET balance = balance - %s WHERE id = %s", (amount, account))
    return bool(covered)


def pay_many(account: int) -> int:
    """Ten payments, one after the other."""
    return sum(pay(account, Decimal("0.01")) for _ in range(10))


if __name__ == "__main__":
    with ThreadPoolExecutor() as pool:
        print("payments:", sum(pool.map(pay_many, (1, 1))))
