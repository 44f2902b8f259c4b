"""Run a healthy application under load: payments, a long report and batches, in ten sessions.

It prints `ready` when every worker has done its job once, and works until its standard input ends. Exit code
1 means that a worker failed.

Usage: python tests/tools/load.py DSN
"""

import io
import random
import sys
import threading
from collections.abc import Callable
from contextlib import closing

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class
from psycopg2.extras import execute_batch, execute_values

PAYERS = 8
ROWS = [(n % 10 + 1, n % 90, f"file 9, line {n}") for n in range(3000)]
INTO = "bookings (account_id, amount, reference)"
MANY = f"INSERT INTO {INTO} VALUES %s"  # noqa: S608  a constant of this file
ONE = f"INSERT INTO {INTO} VALUES (%s, %s, %s)"  # noqa: S608  as above
COPIED = "".join(f"{account}\t{amount}\t{reference}\n" for account, amount, reference in ROWS)
Job = Callable[[Connection], None]


def pay(session: Connection) -> None:
    """Book one payment, or read some accounts."""
    with session, session.cursor() as cursor:
        if random.random() < 0.3:  # noqa: S311  not for cryptography
            cursor.execute("SELECT sum(balance) FROM accounts")
            cursor.fetchall()
            return
        account = random.randint(1, 10)  # noqa: S311  as above
        cursor.execute("UPDATE accounts SET balance = balance - 1 WHERE id = %s", (account,))
        cursor.execute(
            "INSERT INTO transactions (account_id, amount, type) VALUES (%s, 1, 'payment')", (account,)
        )


def store(session: Connection) -> None:
    """Insert one row in its own transaction."""
    with session, session.cursor() as cursor:
        cursor.execute("INSERT INTO transactions (account_id, amount, type) VALUES (1, 1, 'fee')")


def report(session: Connection) -> None:
    """Read every booking through a named cursor."""
    with session, session.cursor("report") as cursor:
        cursor.itersize = 500
        cursor.execute("SELECT * FROM bookings")
        sum(row[2] for row in cursor)


def batches(session: Connection) -> None:
    """Insert a file in each of the fast ways, and roll back."""
    with session.cursor() as cursor:
        execute_values(cursor, MANY, ROWS)
        execute_batch(cursor, ONE, ROWS)
        cursor.copy_expert(f"COPY {INTO} FROM STDIN", io.StringIO(COPIED))
    session.rollback()


class Worker(threading.Thread):
    """A session that repeats one job."""

    def __init__(self, dsn: str, job: Job, name: str, ending: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.dsn, self.job, self.ending = dsn, job, ending
        self.started = threading.Event()
        self.succeeded = False

    def run(self) -> None:
        """Work until the end; set `succeeded` if no job raised."""
        with closing(psycopg2.connect(self.dsn, application_name=self.name)) as session:
            while not self.ending.is_set():
                self.job(session)
                self.started.set()
        self.succeeded = True


def main(dsn: str) -> int:
    """Work until standard input ends; return 1 if a worker failed."""
    ending = threading.Event()
    jobs: list[tuple[Job, str]] = [(pay if n % 2 else store, "payments") for n in range(PAYERS)]
    workers = [
        Worker(dsn, job, name, ending) for job, name in [*jobs, (report, "reports"), (batches, "batches")]
    ]
    for worker in workers:
        worker.start()
    if all(worker.started.wait(60) for worker in workers):
        print("ready", flush=True)
    sys.stdin.read()
    ending.set()
    for worker in workers:
        worker.join()
    return 0 if all(worker.succeeded for worker in workers) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
