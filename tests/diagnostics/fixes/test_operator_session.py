"""SQL of a fix on a real server: what only reads cannot write, and an interruption cancels what runs."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import pytest

from diagnostics.errors import CannotTell
from diagnostics.fixes.operator_session import OperatorSession, operator_session
from diagnostics.lab.lab import Lab
from diagnostics.redaction import Redactor


@contextmanager
def session_of(lab: Lab) -> Iterator[OperatorSession]:
    """Open a session of the lab's operator."""
    operator = lab.target.settings.operator
    assert operator is not None
    with operator_session(operator, lab.target, Redactor()) as session:
        yield session


@pytest.mark.lab
def test_a_step_that_reads_cannot_write(healthy: Lab) -> None:
    with session_of(healthy) as session:
        assert session.read("SELECT 1 AS one").rows == ((1,),)
        with pytest.raises(CannotTell, match="25006"):
            session.read("CREATE TABLE written (id int)")


@pytest.mark.lab
def test_an_error_of_the_server_is_its_sqlstate_and_its_sentence(healthy: Lab) -> None:
    with session_of(healthy) as session, pytest.raises(CannotTell, match="42704: role"):
        session.run("ALTER ROLE nobody_here LOGIN")


@pytest.mark.lab
def test_an_interruption_cancels_the_statement_and_rolls_it_back(healthy: Lab) -> None:
    def interrupt(_: int, __: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    began = time.monotonic()
    try:
        with session_of(healthy) as session, pytest.raises(KeyboardInterrupt):
            session.run("CREATE TABLE begun (id int); SELECT pg_sleep(60)")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert time.monotonic() - began < 20
    others = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
    assert healthy.sql(f"{others} AND query LIKE '%pg_sleep(60)%'") == [(0,)]
    assert healthy.sql("SELECT to_regclass('begun')") == [(None,)]
