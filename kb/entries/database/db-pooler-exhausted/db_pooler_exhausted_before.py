"""Asks the acquirer within each transaction; twelve payments at once use up a pool of PgBouncer.

A transaction keeps its server session while the program waits for another service. Behind PgBouncer the
others wait meanwhile, and what waits longer than query_wait_timeout is closed: "server closed the connection
unexpectedly". The database itself has nothing to do.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection


def connect() -> connection:
    """Open a connection of the application."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    return psycopg2.connect(os.environ["DATABASE_URL"], password=password, application_name="payments")


def ask_acquirer(account: int) -> bool:
    """Ask another service, which answers after a while."""
    time.sleep(0.6)
    return account > 0


def process_payment(account: int) -> None:
    """Book a payment."""
    conn = connect()
    with conn, conn.cursor() as cursor:
        cursor.execute("SELECT balance FROM accounts WHERE id = %s", (account,))
        if ask_acquirer(account):
            cursor.execute("UPDATE accounts SET balance = balance - 1 WHERE id = %s", (account,))
    conn.close()


if __name__ == "__main__":
    accounts = [number % 10 + 1 for number in range(12)]
    with ThreadPoolExecutor(12) as threads:
        print("payments:", len(list(threads.map(process_payment, accounts))))
