"""A program sends a file of bookings row by row."""

import threading
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2

from diagnostics.lab.errors import LabError

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

ROUND_TRIP_S = 0.001
"""What a network would add to each row."""
PATIENCE_S = 10.0
INSERT = "INSERT INTO bookings (account_id, amount, reference) VALUES (%s, %s, %s)"


def row_by_row(lab: "Lab") -> Iterator[None]:
    """One INSERT for each row, until the fault ends; nothing of it is committed."""
    ending, begun = threading.Event(), threading.Event()
    worker = threading.Thread(target=_insert, args=(lab.application_dsn(), begun, ending), daemon=True)
    worker.start()
    try:
        if not begun.wait(PATIENCE_S):
            raise LabError(f"the batch did not begin within {PATIENCE_S:g} s")
        yield
    finally:
        ending.set()
        worker.join()


def _insert(dsn: str, begun: threading.Event, ending: threading.Event) -> None:
    with closing(psycopg2.connect(dsn)) as session, session.cursor() as cursor:
        number = 0
        while not ending.wait(ROUND_TRIP_S):
            number += 1
            cursor.execute(INSERT, (number % 10 + 1, number % 100, f"file 7, line {number}"))
            begun.set()
