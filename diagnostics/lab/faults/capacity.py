"""Faults of the connection limits of the server, the role and the database."""

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

SESSIONS = 2


def server_full(lab: "Lab") -> Iterator[None]:
    """Take every connection slot, including those reserved for superusers."""
    with holding(lab, (lab.application_dsn(), None), (_superuser(lab), None)):
        yield


def slots_reserved(lab: "Lab") -> Iterator[None]:
    """Take every connection slot that is not reserved, with idle sessions of the application."""
    with holding(lab, (lab.application_dsn(), None)):
        yield


def role_limit(lab: "Lab") -> Iterator[None]:
    """Open as many sessions as the role's CONNECTION LIMIT allows."""
    with holding(lab, (lab.application_dsn(), SESSIONS)):
        lab.sql(f"ALTER ROLE {APPLICATION} CONNECTION LIMIT {SESSIONS}")
        yield


def database_limit(lab: "Lab") -> Iterator[None]:
    """Open as many sessions as the database's CONNECTION LIMIT allows."""
    with holding(lab, (lab.application_dsn(), SESSIONS)):
        lab.sql(f"ALTER DATABASE {DATABASE} CONNECTION LIMIT {SESSIONS}")
        yield


@contextmanager
def holding(
    lab: "Lab", *fills: tuple[str, int | None], statement: str = "", application: str = "payments"
) -> Iterator[None]:
    """Hold sessions open in a process of its own, which ends when the application is restarted.

    Each fill is a DSN and the number of sessions, None for as many as the server accepts. With a statement,
    each session runs it and leaves its transaction open. `application` is their application_name.
    """
    shared = {"statement": statement, "application": application}
    request = {
        "pid_file": str(lab.layout.connection_holder_pid),
        "fills": [{"dsn": dsn, "most": most, **shared} for dsn, most in fills],
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
            deploy.end_connection_holder(lab.layout.connection_holder_pid)
            process.terminate()


def _wait_until_ready(process: subprocess.Popen[str], request: dict[str, Any]) -> None:
    if process.stdin is None or process.stdout is None:
        raise LabError("the connection holder has no pipes")
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    if process.stdout.readline() != "ready\n":
        raise LabError(f"the connection holder ended with exit code {process.wait()}")


def _superuser(lab: "Lab") -> str:
    return str(make_dsn(**lab.server.admin_arguments(DATABASE)))
