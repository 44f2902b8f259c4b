"""A busy, healthy database causes no finding."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.report.model import Report
from diagnostics.targets.settings import LAB_THRESHOLDS, Thresholds
from diagnostics.targets.target import Target
from tests.support.proof import check_target, probes_of_layer
from tests.tools import load

PRODUCTION = Thresholds(deadlock_window_s=1.3)
"""Default thresholds, except the length of one window."""
BOOKED = """
INSERT INTO bookings (account_id, amount, reference)
SELECT n % 10 + 1, 25, 'booking ' || n FROM generate_series(1, 30000) AS n
"""


@contextmanager
def busy(lab: Lab) -> Iterator[None]:
    """Run payments in eight sessions, a long report and batches in a separate process."""
    lab.sql(BOOKED)
    lab.sql("ANALYZE bookings")
    program = [sys.executable, str(Path(load.__file__)), lab.application_dsn()]
    try:
        with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdin
            assert process.stdout.readline() == "ready\n"
            yield
            process.stdin.close()
            assert process.wait(120) == 0
    finally:
        lab.repair()


def with_thresholds(target: Target, thresholds: Thresholds) -> Target:
    return replace(target, settings=replace(target.settings, thresholds=thresholds))


def problems(report: Report) -> dict[str, str]:
    return {
        result.key.probe: f"{result.outcome} {result.reason} {[finding.code for finding in result.findings]}"
        for result in report.results
        if result.outcome not in {"pass", "skipped"}
    }


@pytest.mark.lab
@pytest.mark.parametrize("thresholds", [LAB_THRESHOLDS, PRODUCTION], ids=["lab", "production"])
def test_a_busy_and_healthy_database_raises_nothing(lab: Lab, thresholds: Thresholds) -> None:
    target = with_thresholds(lab.target, thresholds)

    with busy(lab):
        reports = [check_target(target, probes_of_layer("database")) for _ in range(2)]

    assert [problems(report) for report in reports] == [{}, {}]
    assert all(report.diagnoses == () for report in reports)
