"""A healthy server, direct and behind PgBouncer, raises nothing, idle and under load.

`make soak` is the long run, with the windows of production.
"""

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres import binaries
from diagnostics.targets.settings import Thresholds
from diagnostics.testing.requirements import needs
from tests.support.healthy_stack import HealthyStack
from tests.support.requirements import needs_pgbouncer

pytestmark = [pytest.mark.lab, pytest.mark.slow, needs_pgbouncer, needs("pgbench")]

SECONDS = 60
"""Limit of a load; it ends with the check."""
BRIEF = Thresholds(deadlock_window_s=2.0, kill_window_s=2.0, statement_window_s=2.0, pool_window_s=1.0)


@pytest.mark.parametrize("server", binaries.find_all(), ids=lambda each: each.version)
def test_a_healthy_stack_is_silent_idle_and_under_load(server: binaries.Binaries) -> None:
    with Lab(server) as lab, HealthyStack(lab, BRIEF) as stack:
        for kind in ("idle", "both", "inserts"):
            with stack.load(kind, SECONDS):
                round_ = stack.check()

            assert (round_.exit_code, round_.complaints) == (0, ()), kind
            assert set(round_.outcomes.values()) <= {"pass", "skipped"}
