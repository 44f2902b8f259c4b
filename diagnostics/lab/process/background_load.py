"""Background work that runs while a fault is active."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class

PAUSE_S = 0.05


@contextmanager
def background_load(dsn: str, operation: Callable[[str], None]) -> Iterator[None]:
    """Call `operation(dsn)` repeatedly in a thread while the block runs; ignore errors of the server."""
    ending = threading.Event()

    def run() -> None:
        while not ending.wait(PAUSE_S):
            try:
                operation(dsn)
            except psycopg2.Error:
                continue

    thread = threading.Thread(target=run, name="lab-background-load", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


@contextmanager
def busy_sessions(
    sessions: Sequence[Connection], work: Callable[[int, Connection, threading.Event], None]
) -> Iterator[None]:
    """Call `work(number, session, ending)` in a thread of each session, numbered from 1, within the block.

    `work` returns once `ending` is set or its statement fails; at the end, statements are cancelled.
    """
    ending = threading.Event()
    workers = [
        threading.Thread(target=work, args=(number, session, ending), daemon=True)
        for number, session in enumerate(sessions, 1)
    ]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        ending.set()
        for session in sessions:
            with suppress(psycopg2.Error):
                session.cancel()
        for worker in workers:
            worker.join()
