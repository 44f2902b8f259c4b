"""A real Prometheus scrapes the lab through the exporter: alerts fire on faults and end with their fixes."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from diagnostics.exporter.rules import alert_name
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import NAME, Lab
from tests.support.exporter import ROOT, Exporter, serving
from tests.support.prometheus import Prometheus, scraping, until
from tests.support.proof import CATALOGUE, apply_fix
from tests.support.requirements import needs_prometheus

SITE = "https://docs.test/doctor"
DEADLINE_S = 120.0
SUCCESS = f'clearpay_doctor_success{{instance="{NAME}"}}'
pytestmark = [pytest.mark.lab, pytest.mark.slow, needs_prometheus]


@pytest.fixture(scope="module")
def exporter(lab: Lab) -> Iterator[Exporter]:
    with serving(lab.target_file, "--interval", "1s") as running:
        yield running


@pytest.fixture(scope="module")
def prometheus(exporter: Exporter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    rules = subprocess.run(
        [sys.executable, "-m", "diagnostics.cli", "serve", "--rules", "--site-url", SITE],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    with scraping(exporter, NAME, rules.stdout, tmp_path_factory.mktemp("prometheus")) as running:
        yield running


def await_green(prometheus: Prometheus) -> None:
    """Wait until the lab is healthy for Prometheus, and no alert fires or waits."""
    until(
        lambda: prometheus.value(SUCCESS) == 1 and not prometheus.alerts(),
        DEADLINE_S,
        lambda: (prometheus.value(SUCCESS), prometheus.alerts(), prometheus.scrape_errors()),
    )


@pytest.mark.parametrize("finding", ["connect.refused", "login.no_connect_privilege"])
def test_an_alert_fires_on_a_fault_with_its_page_and_ends_with_the_fix(
    healthy: Lab, prometheus: Prometheus, finding: str
) -> None:
    claim = CATALOGUE.claims[finding]
    name = alert_name(claim.entry.id)
    await_green(prometheus)
    assert prometheus.scrape_errors() == {"clearpay": "", "clearpay-exporter": ""}

    inject(healthy, finding)
    until(lambda: name in prometheus.alerts("firing"), DEADLINE_S, prometheus.alerts)
    fired = prometheus.alerts("firing")

    assert [alert for alert, each in fired.items() if "entry" in each["labels"]] == [name]
    assert fired[name]["annotations"]["runbook_url"] == f"{SITE}/errors/{claim.entry.id}/"
    assert fired[name]["labels"]["target"] == NAME
    assert fired[name]["labels"]["severity"] == claim.entry.severity

    assert apply_fix(healthy, claim.cause)
    await_green(prometheus)
