"""Work that goes on until a fault ends, in a thread of its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg2

PAUSE_S = 0.05


@contextmanager
def background_load(dsn: str, once: Callable[[str], None]) -> Iterator[None]:
    """Do something again and again until the block ends; what the server says to it is its own affair."""
    ending = threading.Event()

    def run() -> None:
        while not ending.wait(PAUSE_S):
            try:
                once(dsn)
            except psycopg2.Error:
                continue

    thread = threading.Thread(target=run, name="lab-storm", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
