"""Effects of the faults on the application and the server, and their repair."""

import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from diagnostics.lab.fault_injection import inject
from diagnostics.lab.faults import FAULTS
from diagnostics.lab.faults import server as server_faults
from diagnostics.lab.faults.fault import Fault
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.server import Server
from diagnostics.lab.programs import payment_job, runner
from tests.support.requirements import finding_parameters

pytestmark = pytest.mark.lab

PAYMENT = Path(payment_job.__file__)
OF_THE_PAYMENT_JOB = [
    finding for finding, fault in FAULTS.items() if fault.prints and runner.before(finding) == PAYMENT
]
"""Faults of entries without code of their own, whose code the contract test runs."""
SQLSTATES = {
    "connect.starting_up": "57P03",
    "connect.standby_closed": "57P03",
    "connect.shutting_down": "57P03",
    "connect.no_hba_rule": "28000",
    "connect.tls_required": "28000",
    "connect.server_full": "53300",
}


def sqlstate(port: int) -> str:
    """Return the SQLSTATE that the server answers to a startup packet, or the type of another message."""
    body = struct.pack("!i", 196608) + b"user\0app_user\0database\0transactions\0\0"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(struct.pack("!i", len(body) + 4) + body)
        answer = client.recv(4096)
    fields = {field[:1]: field[1:] for field in answer[5:].split(b"\0")}
    return fields[b"C"].decode() if answer[:1] == b"E" else answer[:1].decode()


@pytest.mark.parametrize("finding", finding_parameters(OF_THE_PAYMENT_JOB))
def test_the_payment_fails_with_the_text_that_users_see(lab: Lab, finding: str) -> None:
    inject(lab, finding)

    payment = lab.run_code(PAYMENT)

    assert payment.returncode == 1
    assert payment.stderr.startswith("Traceback")
    assert FAULTS[finding].prints in payment.stderr


@pytest.mark.parametrize(
    "effects", [{}, {"prints": "refused", "warning": "none yet"}, {"cost_ratio": 2.0, "prints": "refused"}]
)
def test_a_fault_has_exactly_one_effect(effects: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="refused: needs one of prints, cost_ratio and warning"):
        Fault(server_faults.refused, **effects)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_summary_of_a_fault_is_one_sentence(fault: Fault) -> None:
    assert fault.summary.endswith(".")
    assert fault.summary == (fault.function.__doc__ or "").strip()


@pytest.mark.parametrize("finding", SQLSTATES)
def test_the_wire_shows_the_sqlstate_that_the_driver_hides(lab: Lab, finding: str) -> None:
    inject(lab, finding)

    assert sqlstate(lab.address.port) == SQLSTATES[finding]


@pytest.mark.parametrize("finding", finding_parameters(FAULTS))
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
    first = statistics(lab.server)["deadlocks"]

    assert soon(lambda: statistics(lab.server)["deadlocks"] - first >= 2)


def test_serialization_failures_are_more_than_a_fifth_of_all_transactions(lab: Lab) -> None:
    inject(lab, "conflicts.serialization")
    before = statistics(lab.server)

    def enough() -> bool:
        counters = statistics(lab.server)
        failed, committed = (counters[column] - before[column] for column in ("xact_rollback", "xact_commit"))
        return failed > 10 and failed / (failed + committed) > 0.25

    assert soon(enough)


def soon(condition: Callable[[], bool]) -> bool:
    """Return True as soon as the condition holds, False after a minute without it."""
    until = time.monotonic() + 60
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


def statistics(server: Server) -> dict[str, int]:
    """Return the counters of the database in pg_stat_database."""
    query = "SELECT to_json(s) FROM pg_stat_database AS s WHERE datname = 'transactions'"
    ((row,),) = server.query(query)
    return dict(row)
