"""Sessions through a real PgBouncer in every pool mode; the server is healthy, stopped, frozen or paused."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from diagnostics.clients.postgres.credentials import Credential
from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.pooler_errors import pooler_reason
from diagnostics.clients.postgres.route import Route
from diagnostics.clients.postgres.session import GUARDS, LoginFailed, NoStatementAnswered, Session, login
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.baseline import APPLICATION, DATABASE
from diagnostics.lab.postgres.pgbouncer import PgBouncer, PoolMode
from tests.support.requirements import needs_pgbouncer

pytestmark = [pytest.mark.lab, needs_pgbouncer]

MODES: tuple[PoolMode, ...] = ("session", "transaction", "statement")


@contextmanager
def pooler(lab: Lab, mode: PoolMode = "transaction", **settings: str) -> Iterator[PgBouncer]:
    users = {APPLICATION: lab.passwords.application}
    with PgBouncer(lab.server, DATABASE, users, mode=mode, settings=settings) as running:
        yield running


def log_in(
    running: PgBouncer,
    password: str,
    query: str = "",
    *,
    database: str = DATABASE,
    seconds: float = 8,
    guards: str = GUARDS,
) -> Session:
    url = f"postgresql://{APPLICATION}@127.0.0.1:{running.port}/{database}?{query}"
    own = Credential(connection_settings(url, {}), Route(0, "127.0.0.1", False), password, "test")
    return login(own, probe="test", deadline=Deadline(seconds), rejected=set(), guards=guards)


@pytest.mark.parametrize("mode", MODES)
def test_a_session_behind_a_pooler_is_recognised_and_guarded(lab: Lab, mode: PoolMode) -> None:
    with pooler(lab, mode) as running:
        session = log_in(running, lab.passwords.application)
        guards = session.rows(
            "SELECT current_setting('transaction_read_only'), current_setting('statement_timeout')"
        )
        with pytest.raises(CannotTell, match="25006"):
            session.rows("CREATE TABLE t ()")
        session.close()
        log = running.log

    assert session.pooled
    assert guards == [("on", "3s")]
    assert "WARNING" not in log


def test_a_guard_leaves_nothing_in_a_server_session_that_others_use_next(lab: Lab) -> None:
    with pooler(lab, default_pool_size="1") as running:
        first = log_in(running, lab.passwords.application)
        first.rows("SELECT 1")
        first.close()
        second = log_in(running, lab.passwords.application, guards="")
        values = second.rows(
            "SELECT current_setting('transaction_read_only'), current_setting('statement_timeout')"
        )
        second.close()

    assert values == [("off", "10s")]


def test_a_direct_session_is_not_pooled(lab: Lab) -> None:
    url = f"postgresql://{APPLICATION}@127.0.0.1:{lab.server.port}/{DATABASE}"
    own = Credential(
        connection_settings(url, {}), Route(0, "127.0.0.1", False), lab.passwords.application, "test"
    )

    session = login(own, probe="test", deadline=Deadline(5), rejected=set())
    session.close()

    assert not session.pooled


def test_errors_of_a_pooler_have_their_reasons(lab: Lab) -> None:
    password = lab.passwords.application
    with pooler(lab) as running:
        reasons = {}
        cases: dict[str, tuple[str, str, str]] = {
            "rejected": ("wrong horse", "", DATABASE),
            "no_database": (password, "", "elsewhere"),
            "parameter": (password, "options=-c%20work_mem%3D1MB", DATABASE),
        }
        for name, (secret, query, database) in cases.items():
            with pytest.raises(LoginFailed) as failed:
                log_in(running, secret, query, database=database)
            reasons[name] = pooler_reason(failed.value.error)
            assert failed.value.rejected == (name == "rejected")
        running.admin(f"DISABLE {DATABASE}")
        with pytest.raises(LoginFailed) as failed:
            log_in(running, password)
        reasons["disabled"] = pooler_reason(failed.value.error)

    assert reasons == {name: name for name in reasons}


def test_a_paused_pooler_accepts_the_login_and_answers_no_statement(lab: Lab) -> None:
    with pooler(lab) as running:
        running.admin(f"PAUSE {DATABASE}")

        with pytest.raises(NoStatementAnswered) as failed:
            log_in(running, lab.passwords.application, seconds=1)

    assert failed.value.error is None


def test_a_stopped_server_behind_a_pooler_is_named_in_the_words_of_the_pooler(healthy: Lab) -> None:
    with pooler(healthy) as running:
        log_in(running, healthy.passwords.application).close()
        healthy.server.stop()
        errors = [_unanswered(running, healthy.passwords.application).error for _ in range(8)]

    # The first client waits for the pooler's attempt at the server; those after it are told of its failure.
    reasons = {pooler_reason(error) for error in errors if error}
    assert reasons == {"server_failing"}


@pytest.mark.parametrize("fresh", [True, False], ids=["no session before", "after a session"])
def test_a_fresh_pooler_answers_no_login_while_its_server_is_down(healthy: Lab, fresh: bool) -> None:
    with pooler(healthy) as running:
        if not fresh:
            log_in(running, healthy.passwords.application).close()
        healthy.server.stop()

        failed = _unanswered(running, healthy.passwords.application)

    assert "was not" in str(failed)


def _unanswered(running: PgBouncer, password: str) -> NoStatementAnswered:
    with pytest.raises(NoStatementAnswered) as failed:
        log_in(running, password, seconds=1.5)
    return failed.value


def test_a_frozen_server_behind_a_pooler_answers_no_statement(healthy: Lab) -> None:
    pid = int((healthy.server.data / "postmaster.pid").read_text("utf-8").split()[0])
    with pooler(healthy) as running:
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(NoStatementAnswered):
                log_in(running, healthy.passwords.application, seconds=1)
        finally:
            os.kill(pid, signal.SIGCONT)
