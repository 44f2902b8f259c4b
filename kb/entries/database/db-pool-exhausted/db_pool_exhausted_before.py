"""Books payments from eight threads with a pool of three; threads that wait too long give up.

A payment takes its connection first and keeps it while it asks another service. The pool is empty as soon
as that service needs 0.4 s, though the database does nothing. A larger pool moves the limit and hides why.
The watch does not help: `size() - checkedout()` becomes negative once overflow connections are out, and
`overflow()` of a fresh pool is minus its size. Nothing checks a pooled connection before it is used.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2
from sqlalchemy import create_engine, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

FRAUD_CHECK_S = 0.4
BOOK = text("INSERT INTO transactions (account_id, amount, type) VALUES (:account, :amount, 'payment')")


class ConnectionPoolExhaustedError(Exception):
    """No connection became free in time."""


def connect() -> Any:
    """Open a connection for the pool."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    return psycopg2.connect(os.environ["DATABASE_URL"], password=password, application_name="payments")


POOL = QueuePool(connect, pool_size=2, max_overflow=1, timeout=0.5, recycle=1800)
engine = create_engine("postgresql+psycopg2://", pool=POOL)


def get_pool_status() -> dict[str, int]:
    """Count connections."""
    return {
        "connections_in_use": POOL.checkedout(),
        "connections_available": POOL.size() - POOL.checkedout(),
    }


def pay(account: int) -> int:
    """Book one payment, if the fraud check lets it pass."""
    try:
        with engine.begin() as conn:
            conn.execute(BOOK, {"account": account, "amount": 25})
            time.sleep(FRAUD_CHECK_S)  # stands for a call to another service
    except PoolTimeout as error:
        raise ConnectionPoolExhaustedError(f"account {account}: {get_pool_status()}") from error
    return 1


if __name__ == "__main__":
    with ThreadPoolExecutor(8) as threads:
        print("payments:", sum(threads.map(pay, range(1, 9))))
