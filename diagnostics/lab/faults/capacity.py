"""Connections are used up."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from psycopg2.extensions import make_dsn

from diagnostics.lab.errors import LabError
from diagnostics.lab.fixes import deploy
from diagnostics.lab.postgres.baseline import APPLICATION, DATABASE
from diagnostics.lab.process.environment import clean
from diagnostics.lab.programs import connection_holder

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

HELD = 2


def server_full(lab: "Lab") -> Iterator[None]:
    """Every slot is taken, those reserved for the superuser too."""
    with holding(lab, (lab.application_dsn(), None), (_superuser(lab), None)):
        yield


def slots_reserved(lab: "Lab") -> Iterator[None]:
    """Idle sessions of the application have taken every slot but the reserved ones."""
    with holding(lab, (lab.application_dsn(), None)):
        yield


def role_limit(lab: "Lab") -> Iterator[None]:
    """The role has as many sessions as it may."""
    with holding(lab, (lab.application_dsn(), HELD)):
        lab.sql(f"ALTER ROLE {APPLICATION} CONNECTION LIMIT {HELD}")
        yield


def database_limit(lab: "Lab") -> Iterator[None]:
    """The database has as many sessions as it may."""
    with holding(lab, (lab.application_dsn(), HELD)):
        lab.sql(f"ALTER DATABASE {DATABASE} CONNECTION LIMIT {HELD}")
        yield


@contextmanager
def holding(lab: "Lab", *fills: tuple[str, int | None], statement: str = "") -> Iterator[None]:
    """Hold sessions in a process of its own, as it must end when the application is restarted.

    A statement opens a transaction in each of them, and nobody ends it.
    """
    request = {
        "pid_file": str(lab.layout.hog_pid),
        "fills": [{"dsn": dsn, "most": most, "statement": statement} for dsn, most in fills],
    }
    process = subprocess.Popen(
        [sys.executable, connection_holder.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=clean({"HOME": str(lab.layout.home)}),
    )
    with process:
        try:
            _wait_until_ready(process, request)
            yield
        finally:
            deploy.end_hog(lab.layout.hog_pid)
            process.terminate()


def _wait_until_ready(process: subprocess.Popen[str], request: dict[str, Any]) -> None:
    if process.stdin is None or process.stdout is None:
        raise LabError("the process that holds connections has no pipes")
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    if process.stdout.readline() != "ready\n":
        raise LabError(f"the process that holds connections ended with {process.wait()}")


def _superuser(lab: "Lab") -> str:
    return str(make_dsn(**lab.server.admin_arguments(DATABASE)))
