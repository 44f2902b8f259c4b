"""The versions of a rotated secret are tried with as few logins as possible, and only after a rejection."""

from dataclasses import replace

import pytest

from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from tests.diagnostics.probes.running import ProbeResult, all_text, run_probes

REJECTED = "password authentication failed"


def run_rotation(lab: Lab) -> tuple[ProbeResult, int]:
    """Return the probe's result and the number of rejected logins meanwhile, with that of `login`."""
    before = lab.server.log.read_text().count(REJECTED)
    result = run_probes(lab.target, "connect", "login", "rotation")["rotation"]
    return result, lab.server.log.read_text().count(REJECTED) - before


@pytest.mark.lab
@pytest.mark.parametrize("code", ["rotation.unfinished", "rotation.label_moved"])
def test_the_version_that_the_database_accepts_is_found_after_one_more_login(lab: Lab, code: str) -> None:
    inject(lab, code)
    try:
        result, rejected = run_rotation(lab)
    finally:
        lab.repair()

    assert (result.outcome, result.codes) == ("fail", [code])
    assert result.evidence["AWSCURRENT"].note == "rejected before, so it is not tried again"
    assert rejected == 1
    for secret in (lab.passwords.application, lab.passwords.previous):
        assert secret not in all_text([result])


@pytest.mark.lab
def test_a_stale_application_is_no_finding_of_the_rotation(lab: Lab) -> None:
    inject(lab, "login.stale_credential")
    try:
        result, rejected = run_rotation(lab)
    finally:
        lab.repair()

    assert (result.outcome, result.codes) == ("pass", [])
    assert result.evidence["AWSCURRENT"].value == "accepted"
    assert rejected == 1


@pytest.mark.lab
def test_a_password_that_was_changed_by_hand_costs_one_login_for_each_version(lab: Lab) -> None:
    lab.sql("ALTER ROLE app_user PASSWORD 'changed by hand'")
    lab.secret.put("pending horse", "AWSPENDING")
    try:
        result, rejected = run_rotation(lab)
    finally:
        lab.repair()

    assert (result.outcome, result.codes) == ("unknown", [])
    assert "accepts no version" in result.reason
    assert rejected == 3  # the application's, which is AWSCURRENT, then AWSPENDING and AWSPREVIOUS
    assert "pending horse" not in all_text([result])


@pytest.mark.lab
@pytest.mark.parametrize("fault", ["", "login.not_permitted", "login.role_expired", "login.no_password"])
def test_where_no_password_was_rejected_none_is_tried(lab: Lab, fault: str) -> None:
    if fault:
        inject(lab, fault)
    try:
        result, _ = run_rotation(lab)
    finally:
        lab.repair()

    assert result.outcome == "skipped"
    assert "the password of the login was not rejected" in result.reason
    assert not any(step.startswith("login") for step in result.steps)


@pytest.mark.lab
def test_without_a_rotation_the_probe_says_what_to_configure(lab: Lab) -> None:
    now = lab.target
    target = replace(now, settings=replace(now.settings, rotation=None))

    result = run_probes(target, "connect", "login", "rotation")["rotation"]

    assert result.outcome == "skipped"
    assert "[rotation]" in result.reason
