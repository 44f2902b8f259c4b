"""Fault of a full disk: the tables of payments on a small file system, which something else fills."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg2.errors

from diagnostics.lab.errors import LabError
from diagnostics.lab.postgres.baseline import APPLICATION
from diagnostics.lab.process.workspace import give_to_server

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

SIZE: Final = "8m"
ROWS: Final = "INSERT INTO exports SELECT repeat('unread line ', 90) FROM generate_series(1, 1000)"


def full(lab: "Lab") -> Iterator[None]:
    """Fill the file system that holds the table of payments, by a table of exports."""
    with ExitStack() as stack:
        folder = stack.enter_context(_small_file_system(lab.server.folder / "small-disk"))
        stack.callback(_give_back, lab)
        lab.sql(f"CREATE TABLESPACE small LOCATION '{folder}'")
        lab.sql("ALTER TABLE transactions SET TABLESPACE small")
        lab.sql("CREATE TABLE exports (line text) TABLESPACE small")
        lab.sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON exports TO {APPLICATION}")
        _fill(lab)
        yield


def _fill(lab: "Lab") -> None:
    """Insert rows until the kernel has no block left, in ever smaller portions."""
    for statement in (ROWS, ROWS.replace("1000", "10"), ROWS.replace("1000", "1")):
        try:
            while True:
                lab.sql(statement)
        except psycopg2.errors.DiskFull:
            continue


def _give_back(lab: "Lab") -> None:
    lab.server.start()
    lab.sql("ALTER TABLE transactions SET TABLESPACE pg_default")
    lab.sql("DROP TABLE IF EXISTS exports")
    lab.sql("DROP TABLESPACE IF EXISTS small")


@contextmanager
def _small_file_system(folder: Path) -> Iterator[Path]:
    """Mount a file system in memory, and yield a folder on it that the server owns. Raises LabError."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "clearpay-doctor-lab", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"a small file system needs the right to mount one: {done.stderr.strip()}")
    try:
        tables = folder / "tables"
        tables.mkdir(mode=0o700)
        give_to_server(tables)
        yield tables
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)
        folder.rmdir()
