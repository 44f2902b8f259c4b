"""Background work that runs while a fault is active."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg2

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
