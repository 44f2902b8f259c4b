"""Refunds a payment and asks the partner bank in the middle of its transaction.

The account's row is locked by the first statement and stays locked until the commit. Meanwhile the program
waits for an answer from outside, and its session is idle in a transaction: it holds a lock and does nothing.
Every other payment of the account stands in line behind it. If the partner hangs, all of them do.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

BOOK = "UPDATE accounts SET balance = balance + %s WHERE id = 1"
PARTNER_S = 1.0


def connect() -> connection:
    """Return a session whose statements wait for a lock for at most half a second."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    conn = psycopg2.connect(os.environ["DATABASE_URL"], password=password, connect_timeout=3)
    with conn, conn.cursor() as cursor:
        cursor.execute("SET lock_timeout = '500ms'")
    return conn


def ask_partner() -> None:
    """Stands for a call over the network."""
    time.sleep(PARTNER_S)


def refund(amount: Decimal) -> None:
    """Give an amount back once the partner agrees."""
    conn = connect()
    with conn, conn.cursor() as cursor:
        cursor.execute(BOOK, (amount,))
        ask_partner()


def pay(amount: Decimal) -> None:
    """Take an amount."""
    time.sleep(PARTNER_S / 4)
    conn = connect()
    with conn, conn.cursor() as cursor:
        cursor.execute(BOOK, (-amount,))


if __name__ == "__main__":
    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(refund, Decimal(5)), pool.submit(pay, Decimal(5))]
        print("booked:", len([job.result() for job in jobs]))
