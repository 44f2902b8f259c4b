"""Application of the shop: a process with a pool of SQLAlchemy, and a task that each test names.

`python shop_application.py TASK` reads SHOP_DATABASE_URL and prints `ready` when its sessions are open.
"""

import os
import sys
import threading
import time
from collections.abc import Callable

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

NAME = "shop-api"
POOL = 4
STATEMENT_S = 25.0
LONG_STATEMENT_S = 120.0
PAUSE_S = 0.02
FOLLOWERS = 3


def say(line: str) -> None:
    """Write a line to the log of the application."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def sell(engine: Engine) -> None:
    """Place orders one after another."""
    say("ready")
    while True:
        with engine.begin() as connection:
            connection.execute(text("UPDATE stock SET amount = amount - 1 WHERE id = 1"))
        time.sleep(PAUSE_S)


def export(engine: Engine) -> None:
    """Run long statements in all connections of the pool: three exports, and one that is older."""
    _in_threads(engine, [_long_statement, *[_exports] * (POOL - 1)])


def _long_statement(connection: Connection) -> None:
    connection.execute(text("SELECT pg_sleep(:s) AS yearly_export"), {"s": LONG_STATEMENT_S})


def _exports(connection: Connection) -> None:
    time.sleep(0.3)
    while True:
        connection.execute(text("SELECT pg_sleep(:s) AS daily_export"), {"s": STATEMENT_S})


def leak(engine: Engine) -> None:
    """Take connections and forget them, once: the first start of the process writes a file beside it."""
    mark = os.environ["SHOP_LEAK_ONCE"]
    if os.path.exists(mark):  # noqa: PTH110  the program imports little
        sell(engine)
    open(mark, "x").close()  # noqa: PTH123  as above
    kept = []
    for number in range(1, POOL):
        kept.append(engine.connect())
        kept[-1].execute(text("SELECT amount FROM stock WHERE id = :id"), {"id": number})
    say("ready")
    time.sleep(3600)


def collide(engine: Engine) -> None:
    """Change two rows in opposite orders, so that transactions deadlock."""
    _in_threads(engine, [lambda c: _swap(c, 1, 2), lambda c: _swap(c, 2, 1)], repeat=True)


def _swap(connection: Connection, first: int, second: int) -> None:
    for number in (first, second):
        connection.execute(text("UPDATE stock SET amount = amount + 1 WHERE id = :id"), {"id": number})
        time.sleep(PAUSE_S)
    connection.commit()


def search(engine: Engine) -> None:
    """Compare each order with each other one, as a search for doubles does."""
    statement = text(
        "SELECT count(*) FROM orders a JOIN orders b USING (customer, total) "
        "WHERE a.kind = 'import' AND b.kind = 'import' AND b.id > a.id"
    )
    _in_threads(engine, [lambda c: c.execute(statement)], repeat=True)


def tidy(engine: Engine) -> None:
    """Sell, while another program of the same role ends idle sessions again and again."""
    cleaner = create_engine(engine.url, connect_args={"application_name": "night-cleaner"})
    ending = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name "
        "AND state = 'idle' AND state_change < now() - interval '200 ms'"
    )

    def clean() -> None:
        with cleaner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while True:
                connection.execute(ending, {"name": NAME})
                time.sleep(0.2)

    threading.Thread(target=clean, daemon=True).start()
    say("ready")
    while True:
        try:
            with engine.begin() as connection:
                connection.execute(text("SELECT 1"))
        except DBAPIError as error:
            say(type(error.orig).__name__)
        time.sleep(1)


def _in_threads(engine: Engine, works: list[Callable[[Connection], object]], *, repeat: bool = False) -> None:
    opened = threading.Barrier(len(works) + 1)

    def run(work: Callable[[Connection], object]) -> None:
        first = True
        while first or repeat:
            try:
                with engine.connect() as connection:
                    if first:
                        opened.wait()
                        first = False
                    work(connection)
            except DBAPIError as error:
                say(type(error.orig).__name__)
        sell(engine)

    for work in works:
        threading.Thread(target=run, args=(work,), daemon=True).start()
    opened.wait()
    say("ready")
    time.sleep(3600)


TASKS: dict[str, Callable[[Engine], None]] = {
    "sell": sell,
    "export": export,
    "leak": leak,
    "collide": collide,
    "search": search,
    "tidy": tidy,
}

if __name__ == "__main__":
    TASKS[sys.argv[1]](
        create_engine(
            os.environ["SHOP_DATABASE_URL"],
            pool_size=POOL,
            max_overflow=0,
            pool_timeout=2,
            connect_args={"application_name": NAME},
        )
    )
