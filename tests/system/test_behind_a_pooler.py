"""With the server behind PgBouncer stopped, frozen, paused or refusing, nothing is green."""

import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg2
import pytest

from diagnostics.cli.main import main
from diagnostics.exit_codes import ExitCode
from diagnostics.lab.faults.pooler import client_dsn, pooled
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.baseline import APPLICATION, DATABASE
from diagnostics.lab.postgres.pgbouncer import PgBouncer
from tests.support.requirements import needs_pgbouncer

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("own_place"), needs_pgbouncer]

STATES = ("stopped", "frozen", "paused", "refusing")
ENTRIES = ("db-connection-refused", "db-unreachable", "db-password-rejected", "db-starting-up")
TEXTS = {
    "psycopg2": "psycopg2.OperationalError: server closed the connection unexpectedly\n",
    "pooler": "FATAL:  server login has been failing, try again later (server_login_retry)\n",
    "wait": "psycopg.errors.ProtocolViolation: query_wait_timeout\n",
    "refused": 'psql: error: connection to server at "127.0.0.1", port 5432 failed: Connection refused\n',
}
UNAVAILABLE = "db-pooler-server-unavailable"


def options(lab: Lab) -> list[str]:
    return ["--target", "lab", "--config", str(lab.target_file)]


def forget_monitor(lab: Lab) -> None:
    """Take the direct address of the server out of the target."""
    lab.override_settings(monitor="", secrets=replace(lab.target.settings.secrets, monitor=None))


@contextmanager
def broken(lab: Lab, pooler: PgBouncer, state: str) -> Iterator[None]:
    """Use the pool once; then stop or freeze the server, pause the pooler, or refuse its login."""
    with psycopg2.connect(client_dsn(lab, pooler)) as session:
        session.cursor().execute("SELECT 1")
    session.close()
    if state == "stopped":
        lab.server.stop()
    if state == "paused":
        pooler.admin(f"PAUSE {DATABASE}")
    if state == "refusing":
        lab.sql(f"ALTER ROLE {APPLICATION} PASSWORD 'another'")
        lab.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", APPLICATION)
    frozen = _processes(lab) if state == "frozen" else []
    for number in frozen:
        os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in frozen:
            os.kill(number, signal.SIGCONT)


def _processes(lab: Lab) -> list[int]:
    """Return the server and the sessions of the application."""
    sessions = lab.sql("SELECT pid FROM pg_stat_activity WHERE usename = %s", APPLICATION)
    server = int((lab.server.data / "postmaster.pid").read_text("utf-8").split()[0])
    return [server, *(int(session[0]) for session in sessions)]


def report_of(capsys: pytest.CaptureFixture[str], *call: str) -> tuple[int, dict[str, Any]]:
    """Run a command with the JSON format."""
    capsys.readouterr()
    code = main([*call, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def confirmed(report: dict[str, Any]) -> list[str]:
    return [item["entry"] for item in report["diagnoses"] if item["verdict"] == "confirmed"]


def test_a_healthy_server_behind_a_pooler_is_green(healthy: Lab) -> None:
    with pooled(healthy):
        codes = [
            main(["check", "connect", "login", "pooler", *options(healthy)]),
            main(["verify", "db-connection-refused", *options(healthy)]),
            main(["runbook", "run", "database-unreachable", *options(healthy)]),
        ]

    assert codes == [ExitCode.OK] * 3


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("known", [True, False], ids=["admin and monitor", "neither"])
def test_no_verification_is_green(healthy: Lab, state: str, entry: str, known: bool) -> None:
    with pooled(healthy, admin=known) as pooler, broken(healthy, pooler, state):
        if not known:
            forget_monitor(healthy)
        code = main(["verify", entry, *options(healthy)])

    assert code in {ExitCode.UNDETERMINED, ExitCode.STILL_FAILING}


@pytest.mark.parametrize("used", [True, False], ids=["used before", "fresh"])
@pytest.mark.parametrize("state", STATES)
def test_a_login_without_an_answered_statement_is_not_green(healthy: Lab, state: str, used: bool) -> None:
    with pooled(healthy, admin=False) as pooler, broken(healthy, pooler, state):
        forget_monitor(healthy)
        if not used:
            pooler.admin("RECONNECT")
        code = main(["check", "connect", "login", *options(healthy)])

    assert code in {ExitCode.UNDETERMINED, ExitCode.FOUND}


@pytest.mark.parametrize(
    ("state", "entry"),
    [
        ("stopped", UNAVAILABLE),
        ("frozen", UNAVAILABLE),
        ("refusing", UNAVAILABLE),
        ("paused", "db-pooler-paused"),
    ],
)
def test_the_admin_console_names_the_entry(
    healthy: Lab, state: str, entry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pooled(healthy) as pooler, broken(healthy, pooler, state):
        forget_monitor(healthy)
        code, report = report_of(capsys, "check", "connect", "login", "pooler", *options(healthy))

    assert code == ExitCode.FOUND
    assert confirmed(report) == [entry]


@pytest.mark.parametrize("state", ["stopped", "frozen"])
def test_the_monitor_alone_names_the_entry(
    healthy: Lab, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pooled(healthy, admin=False) as pooler, broken(healthy, pooler, state):
        code, report = report_of(capsys, "check", "connect", "login", *options(healthy))

    assert code == ExitCode.FOUND
    assert confirmed(report) == [UNAVAILABLE]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("state", ["stopped", "paused"])
def test_a_diagnosis_names_the_entry_whatever_the_driver_printed(
    healthy: Lab,
    state: str,
    text: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    with pooled(healthy) as pooler, broken(healthy, pooler, state):
        code, report = report_of(capsys, "diagnose", "-", *options(healthy))

    assert code == ExitCode.FOUND
    assert confirmed(report) == ["db-pooler-paused" if state == "paused" else UNAVAILABLE]


@pytest.mark.parametrize("known", [True, False], ids=["admin and monitor", "neither"])
@pytest.mark.parametrize("state", STATES)
def test_the_runbook_does_not_end_green(
    healthy: Lab, state: str, known: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with pooled(healthy, admin=known) as pooler, broken(healthy, pooler, state):
        if not known:
            forget_monitor(healthy)
        code = main(["runbook", "run", "database-unreachable", *options(healthy)])
        said = capsys.readouterr()

    assert code != ExitCode.OK
    if known:
        assert ("db-pooler-paused" if state == "paused" else UNAVAILABLE) in said.out + said.err
