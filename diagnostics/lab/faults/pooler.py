"""Faults of PgBouncer between the application and the server, which the lab starts for the fault."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg2
from psycopg2.extensions import make_dsn

from diagnostics.lab.faults.capacity import holding
from diagnostics.lab.layout import write_private
from diagnostics.lab.postgres.baseline import APPLICATION, DATABASE, MONITOR
from diagnostics.lab.postgres.pgbouncer import ADMIN, CONSOLE, PgBouncer, PoolMode
from diagnostics.lab.process.ports import reserved_port
from diagnostics.targets.settings import Pooler, SecretRef

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

REPORTING = "reporting"
"""application_name of another program with the role of the application."""
READ = "SELECT balance FROM accounts WHERE id = 1"
SMALL = {"default_pool_size": "2", "query_wait_timeout": "2"}
IMPATIENT = {"client_login_timeout": "1.5", "server_login_retry": "0.2"}
"""For a pooler that has not reached the server since its start."""
PATIENT = {"query_wait_timeout": "6", "server_login_retry": "0.2"}
"""Clients wait longer than the doctor does."""


@contextmanager
def pooled(
    lab: "Lab", *, admin: bool = True, mode: PoolMode = "transaction", settings: dict[str, str] | None = None
) -> Iterator[PgBouncer]:
    """Put PgBouncer between the application and the server; the monitor role still connects directly.

    With `admin`, the target names the admin console.
    """
    users = {APPLICATION: lab.passwords.application}
    with PgBouncer(lab.server, DATABASE, users, mode=mode, settings=settings) as pooler, ExitStack() as stack:
        line = f"127.0.0.1:{pooler.port}:{CONSOLE}:{ADMIN}:{pooler.admin_password}\n"
        for path, text in ((lab.layout.pgpass, line), (lab.layout.pooler_password, pooler.admin_password)):
            write_private(path, text)
            stack.callback(path.unlink)
        lab.override_address(port=pooler.port)
        operator = lab.target.settings.operator
        secret = SecretRef(file=str(lab.layout.pooler_password))
        lab.override_settings(
            monitor=lab.real_address.url(MONITOR),
            operator=replace(operator, pooler_secret=secret) if operator else None,
        )
        if admin:
            lab.override_settings(
                pooler=Pooler(admin=pooler.admin_url()),
                secrets=replace(lab.target.settings.secrets, pooler=secret),
            )
        yield pooler


def password_rejected(lab: "Lab") -> Iterator[None]:
    """Leave the former password of the application in the auth_file of the pooler."""
    with pooled(lab, admin=False) as pooler:
        pooler.configure({APPLICATION: os.urandom(9).hex()})
        yield


def no_database(lab: "Lab") -> Iterator[None]:
    """Misspell the database name in the application's URL, which leads to a pooler."""
    with pooled(lab, admin=False):
        lab.override_address(database="transactionz")
        yield


def parameter(lab: "Lab") -> Iterator[None]:
    """Set a timeout by `options` in the application's URL, which the pooler does not pass on."""
    with pooled(lab):
        lab.override_address(parameters=(("options", "-c statement_timeout=10s"),))
        yield


def full(lab: "Lab") -> Iterator[None]:
    """Hold as many connections to the pooler as max_client_conn allows."""
    with _clients(lab, 6, admin=False):
        yield


def clients_full(lab: "Lab") -> Iterator[None]:
    """Hold as many connections to the pooler as max_client_conn allows, with its admin console named."""
    with _clients(lab, 6, admin=True):
        yield


def clients_nearly_full(lab: "Lab") -> Iterator[None]:
    """Hold nearly as many connections to the pooler as max_client_conn allows."""
    with _clients(lab, 26, admin=True, held=24):
        yield


@contextmanager
def _clients(lab: "Lab", most: int, *, admin: bool, held: int | None = None) -> Iterator[None]:
    with (
        pooled(lab, admin=admin, settings={"max_client_conn": str(most)}) as pooler,
        holding(lab, (client_dsn(lab, pooler), held)),
    ):
        yield


def disabled(lab: "Lab") -> Iterator[None]:
    """Disable the database at the pooler."""
    with pooled(lab, admin=False) as pooler:
        pooler.admin(f"DISABLE {DATABASE}")
        yield


def database_disabled(lab: "Lab") -> Iterator[None]:
    """Disable the database at the pooler, with its admin console named."""
    with pooled(lab) as pooler:
        pooler.admin(f"DISABLE {DATABASE}")
        yield


def paused(lab: "Lab") -> Iterator[None]:
    """Pause the database at the pooler, and do not resume it."""
    with pooled(lab, settings=SMALL) as pooler:
        _book(lab, pooler)
        pooler.admin(f"PAUSE {DATABASE}")
        yield


def server_failing(lab: "Lab") -> Iterator[None]:
    """Leave a password in the pooler's configuration that the server rejects."""
    with pooled(lab, admin=False) as pooler:
        pooler.connect_to(user=APPLICATION, password=os.urandom(9).hex())
        yield


def server_behind(lab: "Lab") -> Iterator[None]:
    """Stop the server behind a pooler whose admin console is not named."""
    with pooled(lab, admin=False, settings=PATIENT):
        lab.server.stop()
        yield


def server_unreachable(lab: "Lab") -> Iterator[None]:
    """Stop the server behind the pooler."""
    with pooled(lab, settings=IMPATIENT):
        lab.server.stop()
        yield


def no_server_session(lab: "Lab") -> Iterator[None]:
    """Leave an address in the pooler's configuration at which the server no longer is."""
    with reserved_port() as former, pooled(lab, settings=IMPATIENT) as pooler:
        pooler.connect_to(port=str(former))
        yield


def client_dsn(lab: "Lab", pooler: PgBouncer) -> str:
    """Return a DSN of the application through the pooler, without options, which it does not pass on."""
    return str(make_dsn(lab.application_dsn(), port=pooler.port, options=""))


def _book(lab: "Lab", pooler: PgBouncer) -> None:
    """Use the pool once, so that the pooler accepts further logins without the server."""
    with closing(psycopg2.connect(client_dsn(lab, pooler))) as session:
        session.cursor().execute(READ)
