"""Several things at once: a chain has one root, and two faults that know nothing of each other are two."""

from pathlib import Path

import pytest

from diagnostics.lab.certificates.variants import variant
from diagnostics.lab.fault_injection import inject, inject_also
from diagnostics.lab.lab import Lab
from diagnostics.lab.programs import payment_job
from diagnostics.lab.servers.tls_proxy import TlsFront
from diagnostics.report.model import Report
from diagnostics.run.examination import Examination, examine
from diagnostics.run.selection import tasks
from kb.matching.matcher import match
from kb.text.sanitize import clean
from tests.support.proof import CATALOGUE, INDEX, confirmed, looked

pytestmark = pytest.mark.lab


def explained(lab: Lab, text: str) -> Report:
    """What `diagnose` says of a text."""
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
    return [one.entry for one in confirmed(report)]


def test_a_timeout_behind_an_idle_transaction_has_one_root_and_the_timeout_is_not_it(healthy: Lab) -> None:
    inject(healthy, "statements.lock_queue")
    healthy.sql("ALTER ROLE app_user SET statement_timeout = '1s'")
    payment = healthy.run_code(application_path())

    report = explained(healthy, payment.stderr)

    assert "canceling statement due to statement timeout" in payment.stderr
    assert roots(report) == ["db-lock-queue"]
    others = {one.entry: one.verdict for one in report.diagnoses if one.verdict != "confirmed"}
    assert others == {"db-statement-timeout": "ruled_out"}
    (timeout,) = [one for one in report.diagnoses if one.entry == "db-statement-timeout"]
    assert "db-lock-queue is confirmed and explains the same text" in timeout.against


def application_path() -> Path:
    return Path(payment_job.__file__)


def test_what_a_line_leads_to_is_folded_under_it(healthy: Lab) -> None:
    inject(healthy, "statements.lock_queue")
    inject_also(healthy, "statements.timeout_tiny")

    (root,) = confirmed(looked(healthy))

    assert (root.entry, root.finding, root.folded) == (
        "db-lock-queue",
        "statements.lock_queue",
        ("db-statement-timeout",),
    )


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("statements.lock_queue", "kills.cut", ["db-session-killed", "db-lock-queue"]),
        ("conflicts.deadlocks", "kills.idle_session", ["db-session-killed", "db-deadlock"]),
        ("statements.slow", "kills.idle_in_transaction", ["db-session-killed", "db-statement-timeout"]),
    ],
)
def test_two_faults_that_know_nothing_of_each_other_are_two_roots_as_a_request_travels(
    healthy: Lab, one: str, other: str, expected: list[str]
) -> None:
    inject(healthy, one)
    inject_also(healthy, other)

    assert roots(looked(healthy)) == expected


def test_a_fault_before_the_login_hides_what_lies_behind_it_and_blames_nobody_else(healthy: Lab) -> None:
    inject(healthy, "statements.lock_queue")
    inject_also(healthy, "login.not_permitted")

    report = looked(healthy)

    assert roots(report) == ["db-access-rule"]
    outcomes = {result.key.probe: result.outcome for result in report.results}
    assert outcomes["statements"] == outcomes["kills"] == "blocked"


def test_an_expired_certificate_of_the_database_is_the_one_root(healthy: Lab) -> None:
    files = healthy.api.files
    trust = (("sslmode", "verify-full"), ("sslrootcert", str(files.ca)))
    with TlsFront(healthy.server.port, variant("expired", files)) as front:
        healthy.override_address(host="localhost", port=front.port, parameters=trust)
        report = looked(healthy)

    (root,) = confirmed(report)
    assert (root.entry, root.finding) == ("tls-certificate", "tls.expired")
    assert not {finding.code for result in report.results for finding in result.findings} - {"tls.expired"}


def test_an_expired_certificate_and_a_rotated_password_are_two_roots(healthy: Lab) -> None:
    inject(healthy, "login.stale_credential")
    inject_also(healthy, "tls.expired")

    assert roots(looked(healthy)) == ["tls-certificate", "db-credential-rotation"]


def test_a_repair_ends_all_faults(healthy: Lab) -> None:
    inject(healthy, "statements.lock_queue")
    inject_also(healthy, "kills.cut")

    healthy.repair()

    assert {result.outcome for result in looked(healthy).results} == {"pass", "skipped"}
    assert healthy.broken == ""
