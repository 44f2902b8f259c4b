"""Books two payments over a connection that it keeps, with a pause between them.

The connection stands idle between the payments, and idle in a transaction while the partner answers. Whatever
ends idle sessions ends this one, and nobody asks whether it is still there before it is used again.
psycopg2 drops the last line that the server sent, the one with the reason. All that is left is "server closed
the connection unexpectedly". `with conn` then tries to roll back, and the last error is another one:
"connection already closed".
"""

import os
import time
from decimal import Decimal
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

PAUSE_S = 1.2
TAKE = "UPDATE accounts SET balance = balance - %s WHERE id = 2"
BOOK = "INSERT INTO transactions (account_id, amount, type) VALUES (2, %s, 'payment')"


def pay(conn: connection, amount: Decimal) -> None:
    """Book a payment, and ask the partner in the middle of it."""
    with conn, conn.cursor() as cursor:
        cursor.execute(TAKE, (amount,))
        time.sleep(PAUSE_S)  # stands for a call to the partner
        cursor.execute(BOOK, (amount,))


if __name__ == "__main__":
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    conn = psycopg2.connect(os.environ["DATABASE_URL"], password=password, connect_timeout=3)
    pay(conn, Decimal(5))
    time.sleep(PAUSE_S)  # stands for a quiet hour
    pay(conn, Decimal(5))
    print("payments: 2")
