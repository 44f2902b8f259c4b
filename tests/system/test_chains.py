"""Several faults at once: consequences have one root, and independent faults are separate roots."""

from dataclasses import replace
from pathlib import Path

import pytest

from diagnostics.lab.certificates.variants import variant
from diagnostics.lab.fault_injection import inject, inject_also
from diagnostics.lab.lab import Lab
from diagnostics.lab.programs import payment_job
from diagnostics.lab.servers.tls_proxy import TlsProxy
from diagnostics.report.model import Report
from diagnostics.run.examination import Examination, examine
from diagnostics.run.selection import tasks
from kb.matching.matcher import match
from kb.text.sanitize import clean
from tests.support.proof import CATALOGUE, INDEX, check_lab, confirmed

pytestmark = pytest.mark.lab


def diagnose(lab: Lab, text: str) -> Report:
    """Return the report of `diagnose` for a text."""
    planned = tasks([lab.target], list(CATALOGUE.probes), CATALOGUE, active=True, forced=False)
    return examine(
        Examination(
            catalogue=CATALOGUE,
            targets=(lab.target,),
            tasks=tuple(planned),
            matches=match(clean(text), INDEX),
            active=True,
        )
    )


def roots(report: Report) -> list[str]:
    return [diagnosis.entry for diagnosis in confirmed(report)]


def test_a_timeout_behind_an_idle_transaction_has_one_root_and_the_timeout_is_not_it(healthy: Lab) -> None:
    inject(healthy, "statements.lock_queue")
    healthy.sql("ALTER ROLE app_user SET statement_timeout = '1s'")
    payment = healthy.run_code(Path(payment_job.__file__))

    report = diagnose(healthy, payment.stderr)

    assert "canceling statement due to statement timeout" in payment.stderr
    assert roots(report) == ["db-lock-queue"]
    others = {
        diagnosis.entry: diagnosis.verdict
        for diagnosis in report.diagnoses
        if diagnosis.verdict != "confirmed"
    }
    assert others == {"db-statement-timeout": "ruled_out"}
    (timeout,) = [each for each in report.diagnoses if each.entry == "db-statement-timeout"]
    assert "db-lock-queue is confirmed and explains the same text" in timeout.against


def test_a_full_pool_of_one_of_two_processes_is_suspected_and_the_reason_is_said(healthy: Lab) -> None:
    one = replace(healthy.pool, size=2, max_overflow=0)
    healthy.resize(one)
    inject(healthy, "pool.exhausted")
    healthy.resize(replace(one, processes=2))

    report = diagnose(
        healthy, "TimeoutError: QueuePool limit of size 2 overflow 0 reached, connection timed out"
    )

    (pool,) = [each for each in report.diagnoses if each.entry == "db-pool-exhausted"]
    assert pool.verdict == "suspected"
    assert any("one of the 2 processes may have none free" in reason for reason in pool.against)


def test_a_consequence_of_a_lock_queue_is_folded_under_it(healthy: Lab) -> None:
    inject(healthy, "statements.lock_queue")
    inject_also(healthy, "statements.timeout_tiny")

    (root,) = confirmed(check_lab(healthy))

    assert (root.entry, root.finding, root.folded) == (
        "db-lock-queue",
        "statements.lock_queue",
        ("db-statement-timeout",),
    )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("statements.lock_queue", "kills.cut", ["db-session-killed", "db-lock-queue"]),
        ("conflicts.deadlocks", "kills.idle_session", ["db-session-killed", "db-deadlock"]),
        ("statements.slow", "kills.idle_in_transaction", ["db-session-killed", "db-statement-timeout"]),
    ],
)
def test_two_independent_faults_are_two_roots_in_the_order_of_a_request(
    healthy: Lab, first: str, second: str, expected: list[str]
) -> None:
    inject(healthy, first)
    inject_also(healthy, second)

    assert roots(check_lab(healthy)) == expected


def test_a_fault_before_the_login_blocks_the_later_probes_and_is_the_only_root(healthy: Lab) -> None:
    inject(healthy, "statements.lock_queue")
    inject_also(healthy, "login.not_permitted")

    report = check_lab(healthy)

    assert roots(report) == ["db-access-rule"]
    outcomes = {result.key.probe: result.outcome for result in report.results}
    assert outcomes["statements"] == outcomes["kills"] == "blocked"


def test_an_expired_certificate_of_the_database_is_the_one_root(healthy: Lab) -> None:
    files = healthy.api.files
    trust = (("sslmode", "verify-full"), ("sslrootcert", str(files.ca)))
    with TlsProxy(healthy.server.port, variant("expired", files)) as front:
        healthy.override_address(host="localhost", port=front.port, parameters=trust)
        report = check_lab(healthy)

    (root,) = confirmed(report)
    assert (root.entry, root.finding) == ("tls-certificate", "tls.expired")
    assert not {finding.code for result in report.results for finding in result.findings} - {"tls.expired"}


def test_an_expired_certificate_and_a_rotated_password_are_two_roots(healthy: Lab) -> None:
    inject(healthy, "login.stale_credential")
    inject_also(healthy, "tls.expired")

    assert roots(check_lab(healthy)) == ["tls-certificate", "db-credential-rotation"]


def test_a_repair_ends_all_faults(healthy: Lab) -> None:
    inject(healthy, "statements.lock_queue")
    inject_also(healthy, "kills.cut")

    healthy.repair()

    assert {result.outcome for result in check_lab(healthy).results} == {"pass", "skipped"}
    assert healthy.broken == ""
