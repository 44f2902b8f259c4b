"""Faults of the API and the database at once: roots in the order of a request, consequences folded."""

import pytest

from diagnostics.lab.fault_injection import inject, inject_also
from diagnostics.lab.lab import Lab
from diagnostics.report.model import Report
from tests.support.proof import CATALOGUE, apply_fix, check_lab, confirmed

pytestmark = pytest.mark.lab


def roots(report: Report) -> list[str]:
    return [diagnosis.entry for diagnosis in confirmed(report)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("statements.slow", "key.expired", ["api-key-expired", "db-statement-timeout"]),
        ("login.stale_credential", "clock.skew", ["api-clock-skew", "db-credential-rotation"]),
        ("scopes.missing", "quota.exhausted", ["api-permission-denied", "api-rate-limit"]),
    ],
)
def test_two_independent_faults_are_two_roots(
    healthy: Lab, first: str, second: str, expected: list[str]
) -> None:
    inject(healthy, first)
    inject_also(healthy, second)

    assert roots(check_lab(healthy)) == expected


@pytest.mark.parametrize("root", ["key.revoked", "quota.token_storm"])
def test_a_token_that_could_not_be_renewed_is_folded_under_the_reason(healthy: Lab, root: str) -> None:
    inject(healthy, "token.expired")
    inject_also(healthy, root)

    (diagnosis,) = confirmed(check_lab(healthy))

    assert (diagnosis.finding, diagnosis.folded) == (root, ("api-invalid-token",))


def test_an_api_that_is_down_hides_the_rest_of_it_and_leaves_the_database_alone(
    healthy: Lab,
) -> None:
    inject(healthy, "key.expired")
    inject_also(healthy, "reach.server_error")

    report = check_lab(healthy)

    assert roots(report) == ["api-unavailable"]
    outcomes = {result.key.probe: result.outcome for result in report.results}
    assert outcomes["key"] == outcomes["token"] == outcomes["quota"] == "blocked"
    assert outcomes["login"] == "pass"


def test_a_restart_of_the_application_succeeds_without_the_api(healthy: Lab) -> None:
    inject(healthy, "reach.server_error")
    inject_also(healthy, "login.stale_credential")

    apply_fix(healthy, CATALOGUE.claims["login.stale_credential"].cause)

    assert roots(check_lab(healthy)) == ["api-unavailable"]
