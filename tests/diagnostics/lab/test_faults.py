"""Every fault shows the application what it shows in production, and a repair ends it."""

import socket
import struct
from pathlib import Path

import psycopg2
import pytest

from diagnostics.diagnosis.catalogue import probe_of
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.faults import FAULTS
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.server import Server
from diagnostics.lab.programs import payment_job
from diagnostics.probes import PROBES

pytestmark = pytest.mark.lab

PAYMENT = Path(payment_job.__file__)
REJECTED = 'FATAL:  password authentication failed for user "app_user"'
SAID = {
    "connect.refused": "Connection refused",
    "connect.socket_missing": "No such file or directory",
    "connect.starting_up": "the database system is starting up",
    "connect.standby_closed": "the database system is not accepting connections",
    "connect.shutting_down": "the database system is shutting down",
    "connect.host_not_found": 'could not translate host name "clearpay-db.invalid" to address',
    "connect.timeout": "timeout expired",
    "connect.no_route": "Network is unreachable",
    "connect.silent": "timeout expired",
    "connect.closed": "server closed the connection unexpectedly",
    "connect.not_postgres": "received invalid response to SSL negotiation: H",
    "connect.no_hba_rule": 'no pg_hba.conf entry for host "127.0.0.1", user "app_user"',
    "connect.tls_required": 'user "app_user", database "transactions", no encryption',
    "connect.tls_refused": "server does not support SSL, but SSL was required",
    "connect.server_full": "sorry, too many clients already",
    "login.not_permitted": 'role "app_user" is not permitted to log in',
    "login.no_connect_privilege": 'permission denied for database "transactions"',
    "login.slots_reserved": "remaining connection slots are reserved for",
    "login.role_limit": 'too many connections for role "app_user"',
    "login.database_limit": 'too many connections for database "transactions"',
    "login.password_rejected": REJECTED,
    "login.role_expired": REJECTED,
    "login.unknown_role": REJECTED,
    "login.no_password": "fe_sendauth: no password supplied",
    "login.unknown_database": 'database "transactionz" does not exist',
    "login.stale_credential": REJECTED,
    "rotation.unfinished": REJECTED,
    "rotation.label_moved": REJECTED,
}
QUIET = {
    "login.not_current",
    "conflicts.deadlocks",
    "conflicts.serialization",
    "pool.exhausted",
    "pool.leaked",
    "pool.oversubscribed",
    "batches.row_by_row",
    "report.memory",
}
OWN_CODE = {
    code
    for code in FAULTS
    if code.startswith(("kills.", "statements.")) or PROBES[probe_of(code)].LAYER != "database"
}
"""They bite the code beside their record, which the contract runs; a short payment may well get through."""
SQLSTATES = {
    "connect.starting_up": "57P03",
    "connect.standby_closed": "57P03",
    "connect.shutting_down": "57P03",
    "connect.no_hba_rule": "28000",
    "connect.tls_required": "28000",
    "connect.server_full": "53300",
}


def sqlstate(port: int) -> str:
    """What the server answers to a startup packet: its SQLSTATE, or the letter of another message."""
    body = struct.pack("!i", 196608) + b"user\0app_user\0database\0transactions\0\0"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(struct.pack("!i", len(body) + 4) + body)
        answer = client.recv(4096)
    fields = {field[:1]: field[1:] for field in answer[5:].split(b"\0")}
    return fields[b"C"].decode() if answer[:1] == b"E" else answer[:1].decode()


def test_each_fault_is_either_heard_or_quiet() -> None:
    assert set(FAULTS) == set(SAID) | QUIET | OWN_CODE


@pytest.mark.parametrize("finding", SAID)
def test_the_payment_fails_with_the_text_that_users_see(lab: Lab, finding: str) -> None:
    inject(lab, finding)

    payment = lab.run_code(PAYMENT)

    assert payment.returncode == 1
    assert "psycopg2.OperationalError" in payment.stderr
    assert SAID[finding] in payment.stderr


@pytest.mark.parametrize("finding", SQLSTATES)
def test_the_wire_shows_the_sqlstate_that_the_driver_hides(lab: Lab, finding: str) -> None:
    inject(lab, finding)

    assert sqlstate(lab.address.port) == SQLSTATES[finding]


@pytest.mark.parametrize("finding", FAULTS)
def test_a_repair_restores_full_health(lab: Lab, finding: str) -> None:
    healthy = lab.target_file.read_text("utf-8")
    inject(lab, finding)
    assert lab.broken == finding

    lab.repair()

    assert lab.broken == ""
    assert lab.target_file.read_text("utf-8") == healthy
    assert sqlstate(lab.address.port) == "R"
    assert lab.secret.password() == lab.layout.application_password.read_text("utf-8")
    psycopg2.connect(lab.application_dsn()).close()


def test_a_quiet_rotation_leaves_the_application_working(lab: Lab) -> None:
    inject(lab, "login.not_current")

    assert lab.run_code(PAYMENT).returncode == 0
    assert lab.secret.password() != lab.layout.application_password.read_text("utf-8")
    assert lab.secret.password("AWSPREVIOUS") == lab.layout.application_password.read_text("utf-8")


def test_deadlocks_go_on_being_counted(lab: Lab) -> None:
    inject(lab, "conflicts.deadlocks")
    first = counted(lab.server, "deadlocks")

    lab.sql("SELECT pg_sleep(1.3)")

    assert counted(lab.server, "deadlocks") - first >= 2


def test_serialization_failures_are_more_than_a_fifth_of_all_transactions(lab: Lab) -> None:
    inject(lab, "conflicts.serialization")
    commits, rollbacks = counted(lab.server, "xact_commit"), counted(lab.server, "xact_rollback")

    lab.sql("SELECT pg_sleep(1.3)")

    more = counted(lab.server, "xact_rollback") - rollbacks
    assert more > 10
    assert more / (more + counted(lab.server, "xact_commit") - commits) > 0.25


def counted(server: Server, column: str) -> int:
    ((row,),) = server.query("SELECT to_json(s) FROM pg_stat_database AS s WHERE datname = 'transactions'")
    return int(row[column])
