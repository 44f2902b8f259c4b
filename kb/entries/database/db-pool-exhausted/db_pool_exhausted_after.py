"""Books payments from eight threads with a pool of three, and none of them waits long.

Ask other services before a connection is taken, and give it back as soon as the transaction ends: three
connections that are held for 2 ms each carry more payments than thirty that are held for 400 ms.
Size the pool by the sum: processes x (pool_size + max_overflow) is less than what the server leaves to you.
Wait 3 to 5 s for a connection, less than the caller waits for you. `pre_ping` replaces dead connections.
Watch one number, connections in use by capacity, and let it alarm at 80 %.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2
from sqlalchemy import create_engine, text
from sqlalchemy.pool import QueuePool

FRAUD_CHECK_S = 0.4
BOOK = text("INSERT INTO transactions (account_id, amount, type) VALUES (:account, :amount, 'payment')")


def connect() -> Any:
    """Open a connection for the pool."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    url = os.environ["DATABASE_URL"]
    return psycopg2.connect(url, password=password, application_name="payments", connect_timeout=3)


POOL = QueuePool(connect, pool_size=2, max_overflow=1, timeout=3, pre_ping=True)
CAPACITY = 3
engine = create_engine("postgresql+psycopg2://", pool=POOL)


def in_use() -> float:
    """Share of the pool's capacity that is checked out, from 0 to 1."""
    return POOL.checkedout() / CAPACITY


def pay(account: int) -> int:
    """Book one payment, if the fraud check lets it pass. Raises sqlalchemy.exc.TimeoutError."""
    time.sleep(FRAUD_CHECK_S)  # stands for a call to another service
    with engine.begin() as conn:
        conn.execute(BOOK, {"account": account, "amount": 25})
    return 1


if __name__ == "__main__":
    with ThreadPoolExecutor(8) as threads:
        booked = sum(threads.map(pay, range(1, 9)))
    print(f"payments: {booked}, pool in use: {in_use():.0%}")
