"""Ended sessions are counted; one that was terminated, or that closed by itself, is not a fault."""

import select
from contextlib import closing
from dataclasses import replace

import psycopg2
import pytest
from psycopg2.extensions import make_dsn

from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.lab.process.background_load import background_load
from diagnostics.targets.settings import LAB_THRESHOLDS, SecretRef, Secrets
from diagnostics.targets.target import Target
from tests.diagnostics.probes.running import ProbeResult, run_probes, with_thresholds
from tests.support.proof import CATALOGUE

pytestmark = pytest.mark.lab

QUICK = replace(LAB_THRESHOLDS, kill_window_s=0.8)


def run_kills(target: Target) -> ProbeResult:
    return run_probes(with_thresholds(target, QUICK), "connect", "login", "kills")["kills"]


def bare(lab: Lab) -> str:
    return str(make_dsn(lab.application_dsn(), options=""))


def test_a_quiet_database_passes_with_its_timeouts_in_the_evidence(lab: Lab) -> None:
    result = run_kills(lab.target)

    assert (result.outcome, result.codes) == ("pass", [])
    timeout = result.evidence["idle_in_transaction_session_timeout"]
    assert timeout.value == (60000, "configuration file")
    assert result.evidence["sessions lost without a goodbye"].expected == "below 2"


def test_without_the_right_to_look_nothing_is_green_and_the_grant_is_named(lab: Lab) -> None:
    own = Secrets(database=SecretRef(file=str(lab.layout.application_password)))
    settings = replace(lab.target.settings, monitor="", secrets=own)

    result = run_kills(replace(lab.target, settings=settings))

    assert result.outcome == "unknown"
    assert "GRANT pg_monitor TO app_user" in result.reason


def test_sessions_that_end_by_themselves_are_not_counted(healthy: Lab) -> None:
    with background_load(healthy.application_dsn(), lambda dsn: psycopg2.connect(dsn).close()):
        result = run_kills(healthy.target)

    assert (result.outcome, result.codes) == ("pass", [])


def test_one_session_that_a_person_ended_is_no_fault(healthy: Lab) -> None:
    dsn = healthy.application_dsn()
    with closing(psycopg2.connect(dsn)) as victim, background_load("", lambda _: end_once(healthy, victim)):
        result = run_kills(healthy.target)

    assert result.evidence["sessions terminated by a person or a program"].value == 1
    assert (result.outcome, result.codes) == ("pass", [])


def end_once(lab: Lab, victim: psycopg2.extensions.connection) -> None:
    """Terminate the session as soon as the probe has begun its window."""
    lab.sql(
        "SELECT pg_terminate_backend(%s) FROM pg_stat_activity"
        " WHERE application_name = 'clearpay-doctor/kills' AND query LIKE '%%state_change%%'",
        victim.info.backend_pid,
    )


def test_sessions_ended_by_a_timeout_that_they_set_themselves_leave_the_question_open(healthy: Lab) -> None:
    with background_load(bare(healthy), end_itself):
        result = run_kills(healthy.target)

    assert (result.outcome, result.codes) == ("unknown", [])
    assert "its log says which" in result.reason


def end_itself(dsn: str) -> None:
    with closing(psycopg2.connect(dsn, options="-c idle_session_timeout=50")) as session:
        select.select([session], [], [], 1)


@pytest.mark.parametrize(
    ("finding", "message"),
    [
        ("kills.idle_session", "terminating connection due to idle-session timeout"),
        ("kills.terminated", "terminating connection due to administrator command"),
    ],
)
def test_the_code_that_does_not_fail_recovers_the_reason_that_the_other_loses(
    healthy: Lab, finding: str, message: str
) -> None:
    inject(healthy, finding)

    before = healthy.fail()
    after = healthy.run_code(healthy.after(CATALOGUE.claims[finding].entry))

    assert message not in before
    assert "server closed the connection unexpectedly" in before
    assert (after.returncode, message in after.stderr) == (0, True)
