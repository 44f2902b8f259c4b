"""Windows of every watching probe, cut short by the deadline or by the end of the server."""

import threading
from dataclasses import replace

import pytest

from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.targets.settings import Thresholds
from tests.diagnostics.probes.running import ProbeResult, run_probes, with_thresholds

pytestmark = pytest.mark.lab

PRODUCTION = replace(Thresholds(), lost_sessions=3)
WATCHING = ("kills", "pool", "statements", "conflicts", "batches")
LONG = replace(
    PRODUCTION,
    kill_window_s=8.0,
    pool_window_s=8.0,
    statement_window_s=8.0,
    deadlock_window_s=8.0,
    batch_window_s=8.0,
)


def run_watching(lab: Lab, thresholds: Thresholds, deadline_s: float = 60) -> dict[str, ProbeResult]:
    own = with_thresholds(lab.target, thresholds)
    results = run_probes(own, "connect", "login", *WATCHING, deadline_s=deadline_s)
    return {probe: results[probe] for probe in WATCHING}


@pytest.mark.parametrize("deadline_s", [3.0, 5.0])
def test_a_short_deadline_over_a_deadlock_loop_is_a_finding_or_open_and_never_green(
    healthy: Lab, deadline_s: float
) -> None:
    inject(healthy, "conflicts.deadlocks")

    results = run_watching(healthy, PRODUCTION, deadline_s)

    cut = {probe: results[probe] for probe in ("kills", "statements", "conflicts")}
    assert {result.outcome for result in cut.values()} <= {"fail", "unknown"}
    assert cut["kills"].reason.startswith("watched for ")
    assert " of 10 s: the probe had " in cut["kills"].reason


def test_a_short_deadline_over_a_healthy_server_leaves_every_window_open(healthy: Lab) -> None:
    results = run_watching(healthy, LONG, 2.0)

    assert {probe: result.outcome for probe, result in results.items()} == dict.fromkeys(WATCHING, "unknown")
    assert all(" of 8 s: " in result.reason for result in results.values()), results


def test_a_server_that_ends_during_the_window_leaves_it_open_and_breaks_no_probe(healthy: Lab) -> None:
    stop = threading.Timer(2.5, healthy.server.stop)
    stop.start()

    results = run_watching(healthy, LONG)
    stop.join()

    assert {probe: result.outcome for probe, result in results.items()} == dict.fromkeys(WATCHING, "unknown")
    assert all(result.reason.startswith("watched for ") for result in results.values()), results


def test_a_window_that_the_target_makes_longer_than_the_budget_is_seen_whole(healthy: Lab) -> None:
    longer = replace(PRODUCTION, batch_window_s=12.5)

    result = run_probes(with_thresholds(healthy.target, longer), "connect", "login", "batches")["batches"]

    assert (result.outcome, result.reason) == ("pass", "")
