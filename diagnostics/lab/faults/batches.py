"""Fault of a batch import that inserts row by row."""

import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.errors import LabError
from diagnostics.lab.process.environment import clean
from diagnostics.lab.programs import row_by_row as row_by_row_program

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def row_by_row(lab: "Lab") -> Iterator[None]:
    """Insert a file with one INSERT per row, uncommitted, until the fault ends."""
    # A process of its own: a thread would compete with the probes for the interpreter.
    with subprocess.Popen(
        [sys.executable, row_by_row_program.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean({"DATABASE_DSN": lab.application_dsn()}),
        text=True,
    ) as program:
        try:
            if not program.stdout or program.stdout.readline() != "ready\n":
                raise LabError("the batch import did not start")
            yield
        finally:
            program.communicate()
