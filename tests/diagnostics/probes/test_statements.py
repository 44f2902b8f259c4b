"""Timeouts are shown with their source and lock queues with their heads; similar states raise no finding."""

import io
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace

import psycopg2
import psycopg2.extras
import pytest
from psycopg2.extensions import make_dsn

from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.lab.process.background_load import background_load
from diagnostics.targets.settings import LAB_THRESHOLDS
from diagnostics.targets.target import Target
from tests.diagnostics.probes.running import (
    ProbeResult,
    all_text,
    run_probes,
    with_thresholds,
    without_monitor,
)

pytestmark = pytest.mark.lab

QUICK = replace(LAB_THRESHOLDS, deadlock_window_s=0.6, statement_window_s=0.6, kill_window_s=0.6)
SPIN = "SELECT count(*) FROM generate_series(1, 100000000)"
WATCHING = ("kills", "pool", "statements", "conflicts", "batches", "report")


def run_statements(target: Target) -> ProbeResult:
    return run_probes(with_thresholds(target, QUICK), "connect", "login", "statements")["statements"]


@contextmanager
def running(dsn: str, statement: str) -> Iterator[None]:
    """Run a statement in another session during the block."""
    with closing(psycopg2.connect(dsn)) as session:
        session.autocommit = True

        def work() -> None:
            with suppress(psycopg2.Error), session.cursor() as cursor:
                cursor.execute(statement)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            session.cancel()
            thread.join()


def test_a_quiet_database_passes_and_says_which_timeout_is_in_force(lab: Lab) -> None:
    result = run_statements(lab.target)

    assert (result.outcome, result.codes) == ("pass", [])
    assert result.evidence["statement_timeout"].value == (10000, "configuration file")
    assert result.evidence["statement_timeout in force"].expected == "at least 50"
    assert result.evidence["longest wait for a lock"].expected == "below 0.3"
    assert result.evidence["slow statements"].expected == "none beyond 5 s"


@pytest.mark.parametrize(
    ("statement", "source"),
    [
        ("ALTER ROLE app_user SET statement_timeout = {}", "user"),
        ("ALTER ROLE app_user IN DATABASE transactions SET statement_timeout = {}", "database user"),
        ("ALTER DATABASE transactions SET statement_timeout = {}", "database"),
    ],
)
def test_a_tiny_timeout_is_found_wherever_it_was_set(healthy: Lab, statement: str, source: str) -> None:
    healthy.sql(statement.format(30))

    result = run_statements(healthy.target)

    assert result.codes == ["statements.timeout_tiny"]
    assert result.evidence["statement_timeout"].value == (30, source)


@pytest.mark.parametrize(("ms", "codes"), [(49, ["statements.timeout_tiny"]), (50, []), (0, [])])
def test_the_least_timeout_itself_and_none_at_all_are_no_fault(
    healthy: Lab, ms: int, codes: list[str]
) -> None:
    healthy.sql(f"ALTER ROLE app_user SET statement_timeout = {ms}")

    assert run_statements(healthy.target).codes == codes


def test_the_catalogue_tells_the_timeout_where_the_login_could_not(healthy: Lab) -> None:
    healthy.sql("ALTER DATABASE transactions SET statement_timeout = '20s'")
    healthy.sql("ALTER ROLE app_user SET statement_timeout = '1ms'")

    result = run_statements(healthy.target)

    assert result.codes == ["statements.timeout_tiny"]
    assert result.evidence["statement_timeout"].value == (1, "user")


def test_a_timeout_of_the_url_is_known_although_it_cancels_every_statement_of_the_login(healthy: Lab) -> None:
    inject(healthy, "statements.url_timeout")

    result = run_probes(with_thresholds(healthy.target, QUICK), "connect", "statements")["statements"]

    assert result.codes == ["statements.url_timeout"]
    assert result.evidence["statement_timeout"].value == (10, "client")


def test_without_the_right_to_look_nothing_is_green_and_the_grant_is_named(lab: Lab) -> None:
    result = run_statements(without_monitor(lab))

    assert result.outcome == "unknown"
    assert "GRANT pg_monitor TO app_user" in result.reason


def test_a_queue_of_the_role_s_own_sessions_is_found_without_any_privilege(healthy: Lab) -> None:
    inject(healthy, "statements.lock_queue")

    result = run_statements(without_monitor(healthy))

    assert (result.outcome, result.codes) == ("fail", ["statements.lock_queue"])


def test_a_head_that_is_hidden_leaves_the_question_open(healthy: Lab) -> None:
    with (
        healthy.server.admin("transactions") as person,
        person.cursor() as cursor,
        background_load(healthy.application_dsn(), touch),
    ):
        cursor.execute("BEGIN; UPDATE accounts SET balance = balance WHERE id = 1")
        result = run_statements(without_monitor(healthy))
        cursor.execute("ROLLBACK")

    assert (result.outcome, result.codes) == ("unknown", [])
    assert "GRANT pg_monitor TO app_user" in result.reason


def test_a_deadlock_loop_is_not_a_lock_queue_although_its_sessions_wait_long(healthy: Lab) -> None:
    healthy.sql("ALTER ROLE app_user SET deadlock_timeout = '1s'")
    inject(healthy, "conflicts.deadlocks")

    results = run_probes(healthy.target, "connect", "login", "statements", "conflicts")

    assert results["statements"].codes == []
    assert results["conflicts"].codes == ["conflicts.deadlocks"]


def test_the_head_of_a_queue_is_shown_without_its_literals(healthy: Lab) -> None:
    with (
        background_load(healthy.application_dsn(), touch),
        closing(psycopg2.connect(healthy.application_dsn())) as holder,
        holder.cursor() as cursor,
    ):
        cursor.execute("UPDATE accounts SET balance = balance + 4111.11 - 4111.11 WHERE id = 1")
        result = run_statements(healthy.target)

    assert result.codes == ["statements.lock_queue"]
    assert "app_user payments" in str(result.evidence["holds up others"].value)
    assert "4111" not in all_text([result])


def touch(dsn: str) -> None:
    with closing(psycopg2.connect(dsn)) as session, session.cursor() as cursor:
        cursor.execute("UPDATE accounts SET balance = balance WHERE id = 1")


def test_a_job_that_waits_for_an_advisory_lock_is_not_a_queue(healthy: Lab) -> None:
    dsn = healthy.application_dsn()
    with closing(psycopg2.connect(dsn)) as twin, twin.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7)")
        with running(dsn, "SELECT pg_advisory_lock(7)"):
            result = run_statements(healthy.target)

    assert (result.outcome, result.codes) == ("pass", [])


def test_a_report_with_a_longer_timeout_of_its_own_is_not_slow(healthy: Lab) -> None:
    healthy.sql("ALTER ROLE app_user SET statement_timeout = '200ms'")
    with running(healthy.application_dsn(), SPIN):
        healthy.sql("SELECT pg_sleep(0.8)")
        result = run_statements(healthy.target)

    assert (result.outcome, result.codes) == ("pass", [])


def test_a_statement_that_sleeps_does_not_count_as_work(healthy: Lab) -> None:
    healthy.sql("ALTER ROLE app_user SET statement_timeout = '1s'")
    with running(str(make_dsn(healthy.application_dsn(), options="")), "SELECT pg_sleep(5)"):
        healthy.sql("SELECT pg_sleep(0.5)")
        result = run_statements(healthy.target)

    assert result.codes == []


def test_a_busy_database_raises_nothing(healthy: Lab) -> None:
    with ExitStack() as stack:
        for work in (pay, pay, pay, pay, pay, batch, copy, report):
            stack.enter_context(background_load(healthy.application_dsn(), work))
        results = run_probes(healthy.target, "connect", "login", "rotation", *WATCHING)

    assert {probe: (result.outcome, result.codes) for probe, result in results.items()} == {
        probe: ("skipped" if probe == "rotation" else "pass", []) for probe in results
    }


def pay(dsn: str) -> None:
    with closing(psycopg2.connect(dsn)) as session:
        for _ in range(50):
            with session, session.cursor() as cursor:
                cursor.execute("UPDATE accounts SET balance = balance - 1 WHERE id = 3")
                cursor.execute("INSERT INTO transactions (account_id, amount, type) VALUES (3, 1, 'payment')")


def batch(dsn: str) -> None:
    with closing(psycopg2.connect(dsn)) as session, session, session.cursor() as cursor:
        rows = [(4, amount, "settlement") for amount in range(500)]
        insert = "INSERT INTO transactions (account_id, amount, type) VALUES %s"
        psycopg2.extras.execute_values(cursor, insert, rows)


def copy(dsn: str) -> None:
    lines = io.StringIO("5\t1\tpayment\n" * 500)
    with closing(psycopg2.connect(dsn)) as session, session, session.cursor() as cursor:
        cursor.copy_from(lines, "transactions", columns=("account_id", "amount", "type"))


def report(dsn: str) -> None:
    with closing(psycopg2.connect(dsn)) as session, session, session.cursor("report") as cursor:
        cursor.itersize = 50
        cursor.execute("SELECT * FROM transactions, generate_series(1, 3)")
        for _ in cursor:
            pass
