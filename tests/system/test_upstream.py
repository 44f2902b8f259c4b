"""Probes behind a failure are blocked by its probe, and one root is reported for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from diagnostics.diagnosis.catalogue import probe_of
from diagnostics.lab.fault_injection import inject, inject_also
from diagnostics.lab.lab import Lab
from diagnostics.report.model import Report
from tests.diagnostics.cli.test_main import ROOT
from tests.support.proof import CATALOGUE, check_lab, confirmed

BEHIND_REACH = {"clock", "latency", "key", "token", "scopes", "quota", "agreement"}
BEHIND_CONNECT = {
    name for name, probe in CATALOGUE.probes.items() if probe.LAYER == "database" and probe.NEEDS
}
"""Not `pooler`: it needs no login, and is skipped where the target names no console of a pooler."""


def blocked(report: Report) -> dict[str, str]:
    """Return the blocked probes, each with the probe that blocks it."""
    return {result.key.probe: result.blocked_by for result in report.results if result.outcome == "blocked"}


def root_of(report: Report, probe: str) -> str:
    """Return the failed probe at the end of the chain of blocking probes."""
    blocking = blocked(report)
    while probe in blocking:
        probe = blocking[probe]
    return probe


def findings_of(report: Report) -> set[str]:
    """Return every finding."""
    return {finding.code for result in report.results for finding in result.findings}


@pytest.mark.lab
@pytest.mark.parametrize(
    ("faults", "roots"),
    [
        (["reach.refused"], ["api-unavailable"]),
        (["connect.refused"], ["db-connection-refused"]),
        (["reach.refused", "connect.refused"], ["api-unavailable", "db-connection-refused"]),
        (["reach.host_not_found", "connect.host_not_found"], ["api-unavailable", "db-host-not-found"]),
        (["reach.timeout", "connect.timeout"], ["api-unavailable", "db-unreachable"]),
    ],
    ids=" and ".join,
)  # fmt: skip
def test_every_probe_behind_a_failure_is_blocked_by_it_and_reports_nothing(
    healthy: Lab, faults: list[str], roots: list[str]
) -> None:
    inject(healthy, faults[0])
    for further in faults[1:]:
        inject_also(healthy, further)

    report = check_lab(healthy)

    waiting = {"reach": BEHIND_REACH, "connect": BEHIND_CONNECT}
    behind = {probe: down for down in map(probe_of, faults) for probe in waiting[down]}
    assert findings_of(report) == set(faults)
    assert [root.entry for root in confirmed(report)] == roots
    assert {probe: root_of(report, probe) for probe in blocked(report)} == behind


@pytest.mark.lab
def test_the_report_names_the_probe_that_blocks_each(healthy: Lab) -> None:
    inject(healthy, "connect.refused")

    reasons = {
        result.key.probe: result.reason
        for result in check_lab(healthy).results
        if result.outcome == "blocked"
    }

    assert reasons["login"] == "connect ended fail"
    assert all(reason.endswith(("ended fail", "ended blocked")) for reason in reasons.values())


TARGET = """\
[target.prod]
production = false
api = "https://api.clearpay.example/v1"
database = "postgresql://app@{host}:5432/db"
webhook = {{ url = "http://{host}:8080/hook", secret = "whsec_0123456789abcdef" }}
service = {{ health = "http://{host}:8080/healthz", work = "http://{host}:8080/work" }}
[target.prod.secrets]
database = "pw-0123456789"
api_key = "cp_test_0123456789abcdef"
token = "opaque-token-0123"
"""
NOT_IN_TARGET = {"rotation"}
"""Probes of settings that this target lacks."""


def without_network() -> list[str]:
    """Return a command prefix that runs a program in a network namespace without even loopback."""
    command = ["unshare", "--map-root-user", "--net"]
    try:
        allowed = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("this kernel lets no user make a network of their own (unshare --map-root-user --net)")
    return command


@pytest.mark.parametrize(
    ("host", "finding"), [("10.1.2.3", "connect.no_route"), ("clearpay-db.invalid", "connect.host_not_found")]
)
def test_without_a_network_no_probe_passes_and_blocked_probes_report_nothing(
    host: str, finding: str, tmp_path: Path
) -> None:
    (tmp_path / "clearpay-doctor.toml").write_text(TARGET.format(host=host))
    command = [*without_network(), sys.executable, "-m", "diagnostics.cli", "check", "--active"]
    named = {"CLEARPAY_DOCTOR_CONFIG": "clearpay-doctor.toml"}

    done = subprocess.run(
        [*command, "--format=json", "--deadline=20s"],
        cwd=tmp_path, env={**os.environ, **named, "PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip

    report = json.loads(done.stdout)
    outcomes = {result["probe"]: result["outcome"] for result in report["results"]}
    codes = {finding["code"] for result in report["results"] for finding in result["findings"]}
    assert (done.returncode, done.stderr) == (1, "")
    assert codes == {finding}
    assert not {"pass", "warn", "error"} & set(outcomes.values()), outcomes
    assert {name for name in BEHIND_CONNECT if outcomes[name] != "blocked"} == NOT_IN_TARGET
    roots = [each["entry"] for each in report["diagnoses"] if each["verdict"] == "confirmed"]
    assert roots == [CATALOGUE.claims[finding].entry.id]
