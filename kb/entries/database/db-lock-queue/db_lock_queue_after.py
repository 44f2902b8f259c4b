"""Refunds a payment: asks the partner bank first, and locks the account only to book.

No network call, no sleep and no person stands between the first change and the commit.
lock_timeout ends a wait for a lock before statement_timeout does, and the error then says what it was.
idle_in_transaction_session_timeout ends a session that forgot its transaction, and frees its locks.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

BOOK = "UPDATE accounts SET balance = balance + %s WHERE id = 1"
LIMITS = """
    SELECT set_config('lock_timeout', '500ms', false),
           set_config('idle_in_transaction_session_timeout', '10s', false)
"""
PARTNER_S = 1.0


def connect() -> connection:
    """Return a session that neither waits long for a lock nor holds one while idle."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    conn = psycopg2.connect(os.environ["DATABASE_URL"], password=password, connect_timeout=3)
    with conn, conn.cursor() as cursor:
        cursor.execute(LIMITS)
    return conn


def ask_partner() -> None:
    """Stands for a call over the network."""
    time.sleep(PARTNER_S)


def refund(amount: Decimal) -> None:
    """Give an amount back once the partner agrees."""
    ask_partner()
    book(amount)


def pay(amount: Decimal) -> None:
    """Take an amount."""
    time.sleep(PARTNER_S / 4)
    book(-amount)


def book(amount: Decimal) -> None:
    """Change the balance in a transaction that does nothing else."""
    with closing(connect()) as conn, conn, conn.cursor() as cursor:
        cursor.execute(BOOK, (amount,))


if __name__ == "__main__":
    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(refund, Decimal(5)), pool.submit(pay, Decimal(5))]
        print("booked:", len([job.result() for job in jobs]))
