"""Deadlocks are counted, head blockers are shown, and missing privileges are reported."""

from contextlib import closing
from dataclasses import replace

import psycopg2
import psycopg2.extras
import pytest

from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.targets.settings import LAB_THRESHOLDS, Secrets
from diagnostics.targets.target import Target
from tests.diagnostics.probes.running import (
    QUICK,
    ProbeResult,
    all_text,
    run_probes,
    with_thresholds,
    without_monitor,
)

LONG = replace(LAB_THRESHOLDS, deadlock_window_s=15.0)


def run_conflicts(target: Target) -> ProbeResult:
    return run_probes(with_thresholds(target, QUICK), "connect", "login", "conflicts")["conflicts"]


@pytest.mark.lab
def test_a_quiet_database_passes_with_its_thresholds_in_the_evidence(lab: Lab) -> None:
    result = run_conflicts(lab.target)

    assert (result.outcome, result.codes) == ("pass", [])
    assert result.evidence["window"].expected == 0.6
    assert result.evidence["deadlocks in the window"].value == 0
    assert "10 s" in result.evidence["window"].note


@pytest.mark.lab
def test_without_the_right_to_look_nothing_is_green_and_the_grant_is_named(lab: Lab) -> None:
    result = run_conflicts(without_monitor(lab))

    assert result.outcome == "unknown"
    assert "GRANT pg_monitor TO app_user" in result.reason


@pytest.mark.lab
def test_the_role_in_the_grant_is_quoted(lab: Lab) -> None:
    lab.sql("CREATE ROLE \"odd role\" LOGIN PASSWORD 'correct horse'")
    lab.sql('GRANT CONNECT ON DATABASE transactions TO "odd role"')
    url = f"postgresql://odd%20role@127.0.0.1:{lab.server.port}/transactions"
    now = lab.target.settings
    secrets = Secrets(database=now.secrets.database, monitor="correct horse")
    try:
        result = run_conflicts(replace(lab.target, settings=replace(now, monitor=url, secrets=secrets)))
    finally:
        lab.sql('REVOKE CONNECT ON DATABASE transactions FROM "odd role"')
        lab.sql('DROP ROLE "odd role"')

    assert 'GRANT pg_monitor TO "odd role"' in result.reason


@pytest.mark.lab
def test_a_deadlock_is_found_before_the_window_is_over(lab: Lab) -> None:
    inject(lab, "conflicts.deadlocks")
    try:
        result = run_probes(with_thresholds(lab.target, LONG), "connect", "login", "conflicts")["conflicts"]
    finally:
        lab.repair()

    assert result.codes == ["conflicts.deadlocks"]
    assert result.ms < 1000 * LONG.deadlock_window_s


@pytest.mark.lab
def test_a_deadlock_is_found_without_any_right(lab: Lab) -> None:
    inject(lab, "conflicts.deadlocks")
    target = without_monitor(lab)
    try:
        result = run_probes(target, "connect", "login", "conflicts")["conflicts"]
    finally:
        lab.repair()

    assert (result.outcome, result.codes) == ("fail", ["conflicts.deadlocks"])


@pytest.mark.lab
def test_the_session_that_holds_up_others_is_named_without_its_literals(lab: Lab) -> None:
    lab.sql("ALTER ROLE app_user SET default_transaction_isolation = 'repeatable read'")
    url = lab.address.url("app_user")
    with (
        closing(
            psycopg2.connect(url, password=lab.passwords.application, application_name="payments")
        ) as holder,
        closing(psycopg2.connect(url, password=lab.passwords.application, async_=True)) as waiter,
    ):
        psycopg2.extras.wait_select(waiter)
        holder.cursor().execute("UPDATE accounts SET balance = balance - 4111.11 WHERE id = 1")
        waiter.cursor().execute("UPDATE accounts SET balance = 0 WHERE id = 1")
        result = run_conflicts(lab.target)
    lab.repair()

    assert result.evidence["sessions waiting for a lock after the window"].value == 1
    root = result.evidence["blocks others after the window"]
    assert "app_user payments" in str(root.value)
    assert "idle in transaction" in str(root.value)
    assert root.note == "UPDATE accounts SET balance = balance - ? WHERE id = ?"
    assert "4111" not in all_text([result])
    assert result.evidence["default_transaction_isolation"].value == "repeatable read"
