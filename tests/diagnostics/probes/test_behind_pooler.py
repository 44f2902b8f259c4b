"""Probes behind a real PgBouncer: the sessions of the server are the pooler's and not its clients'."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.baseline import MONITOR
from diagnostics.lab.postgres.pgbouncer import PoolMode
from diagnostics.lab.process.environment import clean
from diagnostics.targets.settings import LAB_THRESHOLDS, Pool, Pooler, SecretRef, Secrets
from diagnostics.targets.target import Target
from tests.diagnostics.probes import insert_clients
from tests.diagnostics.probes.running import ProbeResult, run_probes, with_thresholds
from tests.support.pooled_target import PooledLab, pooled
from tests.support.requirements import needs_pgbouncer

pytestmark = [pytest.mark.lab, needs_pgbouncer]

QUICK = replace(
    LAB_THRESHOLDS, deadlock_window_s=0.6, statement_window_s=0.6, kill_window_s=0.8, pool_window_s=0.4
)
WATCHING = ("kills", "pool", "statements", "conflicts", "batches", "report")
MODES: tuple[PoolMode, ...] = ("session", "transaction", "statement")
MANY = Pool(application_name="payments", size=20, max_overflow=10, processes=4)


def run(target: Target, *probes: str) -> dict[str, ProbeResult]:
    return run_probes(with_thresholds(target, QUICK), "connect", "login", *probes)


def answers(results: dict[str, ProbeResult]) -> dict[str, tuple[str, str]]:
    return {name: (result.outcome, result.reason) for name, result in results.items()}


@contextmanager
def clients(
    stack: PooledLab, number: int, statement: str = "", name: str = "payments"
) -> Iterator[list[Connection]]:
    """Open clients of the pooler, each idle in a transaction after the statement."""
    with ExitStack() as opened:
        sessions = [opened.enter_context(closing(psycopg2.connect(stack.dsn(name)))) for _ in range(number)]
        for session in sessions if statement else ():
            session.cursor().execute(statement)
        yield sessions


@contextmanager
def inserting(dsn: str, number: int, *way: str) -> Iterator[None]:
    """Run programs that insert rows in one way, repeatedly."""
    with ExitStack() as stack:
        for _ in range(number):
            program = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, insert_clients.__file__, *way],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=clean({"DATABASE_DSN": dsn}),
                    text=True,
                )
            )
            stack.callback(program.communicate)
            assert program.stdout
            assert program.stdout.readline() == "ready\n"
        yield


@pytest.mark.parametrize("mode", MODES)
def test_every_probe_passes_behind_a_pooler_and_the_direct_monitor_is_used(lab: Lab, mode: PoolMode) -> None:
    with pooled(lab, mode) as stack, clients(stack, 1):
        results = run(stack.target, *WATCHING)

    assert answers(results) == dict.fromkeys(results, ("pass", ""))
    assert results["statements"].evidence["statement_timeout"].value == (10000, "configuration file")


@pytest.mark.parametrize("mode", MODES)
def test_a_monitor_behind_the_same_pooler_sees_as_much(lab: Lab, mode: PoolMode) -> None:
    with pooled(lab, mode) as stack:
        results = run(stack.with_settings(monitor=stack.url(MONITOR)), *WATCHING)
        log = stack.pooler.log

    assert answers(results) == dict.fromkeys(results, ("pass", ""))
    assert "WARNING" not in log


def test_without_a_monitor_the_grant_is_named_and_no_direct_address_is_asked_for(lab: Lab) -> None:
    own = Secrets(database=SecretRef(file=str(lab.layout.application_password)))
    with pooled(lab) as stack:
        result = run(stack.with_settings(monitor="", secrets=own), "statements")["statements"]

    assert result.outcome == "unknown"
    assert result.reason.endswith("GRANT pg_monitor TO app_user")
    assert "direct address" not in result.reason


def test_the_timeout_of_the_role_is_found_behind_a_pooler(healthy: Lab) -> None:
    healthy.sql("ALTER ROLE app_user SET statement_timeout = 30")
    with pooled(healthy) as stack:
        result = run(stack.target, "statements")["statements"]

    assert result.codes == ["statements.timeout_tiny"]
    assert result.evidence["statement_timeout"].value == (30, "user")


def test_a_timeout_that_another_client_left_in_a_server_session_is_not_the_role_s(lab: Lab) -> None:
    with pooled(lab, default_pool_size="1") as stack, clients(stack, 1) as (client,):
        client.autocommit = True
        client.cursor().execute("SET statement_timeout = 7")
        result = run(stack.target, "statements")["statements"]

    assert (result.outcome, result.codes) == ("pass", [])
    assert result.evidence["statement_timeout"].value == (10000, "start of session")


def test_the_monitor_reads_the_timeouts_where_the_application_could_not_log_in(healthy: Lab) -> None:
    healthy.sql("ALTER ROLE app_user IN DATABASE transactions SET lock_timeout = '3s'")

    result = run_probes(with_thresholds(healthy.target, QUICK), "connect", "statements")["statements"]

    assert result.outcome == "pass"
    assert result.evidence["statement_timeout"].value == (10000, "server")
    assert result.evidence["lock_timeout"].value == (3000, "database user")


@pytest.mark.parametrize("named", [False, True], ids=["recognised", "named in the target"])
def test_pools_behind_a_pooler_are_not_compared_with_the_server_s_limit(lab: Lab, *, named: bool) -> None:
    with pooled(lab) as stack:
        target = stack.with_settings(pool=MANY, pooler=Pooler() if named else None)
        result = run(target, "pool")["pool"]

    assert (result.outcome, result.codes) == ("pass", [])
    capacity = result.evidence["capacity of the pools"]
    assert (capacity.value, capacity.expected) == (120, None)
    assert "a pooler limits what its clients open" in capacity.note


def test_sessions_that_another_program_holds_do_not_make_the_configured_name_wrong(lab: Lab) -> None:
    with pooled(lab) as stack, clients(stack, 3, "SELECT 1", name="reports"):
        target = with_thresholds(stack.with_settings(pool=MANY), replace(QUICK, leak_s=60))
        result = run_probes(target, "connect", "login", "pool")["pool"]

    assert (result.outcome, result.reason) == ("pass", "")
    assert result.evidence["server sessions last used by reports"].value == 3


def test_transactions_that_clients_forgot_are_a_leak_behind_a_pooler_too(lab: Lab) -> None:
    with pooled(lab) as stack, clients(stack, 2, "SELECT balance FROM accounts WHERE id = 1"):
        result = run_probes(
            with_thresholds(stack.target, replace(QUICK, leak_s=0.2)), "connect", "login", "pool"
        )["pool"]

    assert result.codes == ["pool.leaked"]


def test_a_pooler_whose_sessions_are_all_at_work_leaves_nothing_open(lab: Lab) -> None:
    with pooled(lab) as stack, sleeping(stack), sleeping(stack):
        result = run(stack.with_settings(pool=None), "pool")["pool"]

    assert (result.outcome, result.reason) == ("pass", "")
    assert result.evidence["server sessions last used by payments: at work at both looks"].value == 2


@contextmanager
def sleeping(stack: PooledLab) -> Iterator[None]:
    """Keep one server session of the pooler at work."""
    with closing(psycopg2.connect(stack.dsn())) as session:
        thread = threading.Thread(target=_sleep, args=(session,))
        thread.start()
        try:
            yield
        finally:
            session.cancel()
            thread.join()


def _sleep(session: Connection) -> None:
    with suppress(psycopg2.Error), session.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(9)")


@pytest.mark.parametrize("way", [("request",), ("execute", "--autocommit")], ids=["requests", "autocommit"])
def test_inserts_of_several_clients_that_share_server_sessions_are_healthy(
    healthy: Lab, way: tuple[str, ...]
) -> None:
    with pooled(healthy) as stack, inserting(stack.dsn(), 4, *way):
        result = run(stack.target, "batches")["batches"]

    assert (result.outcome, result.codes) == ("pass", []), result.evidence


def test_a_row_by_row_transaction_through_a_pooler_is_found(healthy: Lab) -> None:
    with pooled(healthy) as stack, inserting(stack.dsn(), 1, "execute"):
        for _ in range(3):  # on a busy machine the program sends too little within one window
            result = run(stack.target, "batches")["batches"]
            if result.codes:
                break

    assert result.codes == ["batches.row_by_row"], result.evidence


def test_a_row_by_row_program_without_a_transaction_leaves_the_question_open(healthy: Lab) -> None:
    with pooled(healthy) as stack, inserting(stack.dsn(), 1, "execute", "--autocommit"):
        for _ in range(3):
            result = run(stack.target, "batches")["batches"]
            if result.outcome == "unknown":
                break

    assert (result.outcome, result.codes) == ("unknown", []), result.evidence
    assert "may be one program or many clients" in result.reason


def test_idle_server_sessions_that_the_server_ends_are_no_lost_clients(healthy: Lab) -> None:
    healthy.sql("ALTER ROLE app_user SET idle_session_timeout = '150ms'")
    with pooled(healthy) as stack, ExitStack() as opened:
        threads = [opened.enter_context(touching(stack)) for _ in range(3)]
        result = run(stack.target, "kills")["kills"]

    assert len(threads) == 3
    assert (result.outcome, result.codes) == ("unknown", [])
    assert "a client loses one only in session mode" in result.reason


@contextmanager
def touching(stack: PooledLab) -> Iterator[None]:
    """Run a statement now and then, as a client with long pauses does."""
    ending = threading.Event()

    def touch() -> None:
        while not ending.wait(0.3):
            with suppress(psycopg2.Error), closing(psycopg2.connect(stack.dsn())) as session:
                session.cursor().execute("SELECT 1")
                session.commit()

    thread = threading.Thread(target=touch)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
