"""With the server behind PgBouncer stopped, frozen or paused, no check or verification is green."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diagnostics.cli.main import main
from diagnostics.exit_codes import ExitCode
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.baseline import APPLICATION, DATABASE
from diagnostics.lab.postgres.pgbouncer import PgBouncer
from tests.support.requirements import needs_pgbouncer

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("own_place"), needs_pgbouncer]

STATES = ("stopped", "frozen", "paused")


@contextmanager
def pooled(lab: Lab, tmp_path: Path) -> Iterator[tuple[PgBouncer, list[str]]]:
    """Run PgBouncer and yield it with the options that name a target behind it."""
    with PgBouncer(lab.server, DATABASE, {APPLICATION: lab.passwords.application}) as running:
        secret = tmp_path / "password"
        secret.write_text(lab.passwords.application, "utf-8")
        file = tmp_path / "clearpay-doctor.toml"
        file.write_text(
            f"""[target.pay]
production = false
database = "postgresql://{APPLICATION}@127.0.0.1:{running.port}/{DATABASE}"
[target.pay.secrets]
database = {{ file = "{secret}" }}
""",
            "utf-8",
        )
        yield running, ["--target", "pay", "--config", str(file), "--quiet"]


@contextmanager
def broken(lab: Lab, running: PgBouncer, state: str) -> Iterator[None]:
    """Stop, freeze or pause what is behind the pooler."""
    if state == "stopped":
        lab.server.stop()
        yield
        return
    if state == "paused":
        running.admin(f"PAUSE {DATABASE}")
        yield
        running.admin(f"RESUME {DATABASE}")
        return
    pid = int((lab.server.data / "postmaster.pid").read_text("utf-8").split()[0])
    sessions = lab.sql("SELECT pid FROM pg_stat_activity WHERE usename = %s", APPLICATION)
    backends = [int(session[0]) for session in sessions]
    for number in (pid, *backends):
        os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in (pid, *backends):
            os.kill(number, signal.SIGCONT)


def test_a_healthy_server_behind_a_pooler_is_green(healthy: Lab, tmp_path: Path) -> None:
    with pooled(healthy, tmp_path) as (_, target):
        assert main(["check", "connect", "login", *target]) == ExitCode.OK


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("used", [True, False], ids=["used before", "fresh"])
def test_a_server_that_answers_nothing_is_not_green(
    healthy: Lab, tmp_path: Path, state: str, used: bool
) -> None:
    with pooled(healthy, tmp_path) as (running, target):
        if used:
            assert main(["check", "login", *target]) == ExitCode.OK
        with broken(healthy, running, state):
            codes = {
                "check": main(["check", "connect", "login", *target]),
                "verify refused": main(["verify", "db-connection-refused", *target]),
                "verify password": main(["verify", "db-password-rejected", *target]),
            }

    assert ExitCode.OK not in (codes["check"], codes["verify password"]), codes
