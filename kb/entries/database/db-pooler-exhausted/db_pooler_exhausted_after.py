"""Asks the acquirer between two short transactions; a pool of two serves twelve payments at once.

No transaction is open while the program waits, so the server session serves others. The second transaction
repeats the condition, because the balance may have changed in between.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

BALANCE = "SELECT balance FROM accounts WHERE id = %s"
MOVE = "UPDATE accounts SET balance = balance - %s WHERE id = %s AND balance >= %s"


def connect() -> connection:
    """Open a connection of the application."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    url = os.environ["DATABASE_URL"]
    return psycopg2.connect(url, password=password, application_name="payments", connect_timeout=3)


def ask_acquirer(balance: Decimal, amount: Decimal) -> bool:
    """Ask another service, which answers after a while."""
    time.sleep(0.6)
    return balance >= amount


def process_payment(account: int, amount: Decimal = Decimal(1)) -> bool:
    """Book a payment; return False if it was refused."""
    with closing(connect()) as conn:
        with conn, conn.cursor() as cursor:
            cursor.execute(BALANCE, (account,))
            row = cursor.fetchone()
        if not row or not ask_acquirer(row[0], amount):
            return False
        with conn, conn.cursor() as cursor:
            cursor.execute(MOVE, (amount, account, amount))
            return cursor.rowcount == 1


if __name__ == "__main__":
    with ThreadPoolExecutor(12) as threads:
        booked = list(threads.map(process_payment, [number % 10 + 1 for number in range(12)]))
    print("payments:", sum(booked))
