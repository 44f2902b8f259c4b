"""The least-privileged role: the SQL of the page suffices, and with less no probe passes."""

import re
from pathlib import Path

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.baseline import MONITOR
from kb.records.loader import declarations_of, load_entries
from tests.support.proof import check_lab

pytestmark = pytest.mark.lab
PAGE = Path(__file__).parents[2] / "site_docs" / "pages" / "privileges.md"


def outcomes(lab: Lab) -> dict[str, tuple[str, str]]:
    return {result.key.probe: (result.outcome, result.reason) for result in check_lab(lab).results}


def statements() -> list[str]:
    """Return the SQL of the page, without psql's command that asks for a password."""
    (block,) = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [line for line in block.splitlines() if not line.startswith("\\")]


def test_the_role_of_the_page_can_read_everything_that_the_probes_need(lab: Lab) -> None:
    try:
        lab.sql(f"DROP OWNED BY {MONITOR}")
        lab.sql(f"DROP ROLE {MONITOR}")
        for statement in statements():
            lab.sql(statement)
        lab.sql(f"ALTER ROLE {MONITOR} PASSWORD %s", lab.passwords.monitor)
        results = outcomes(lab)
    finally:
        lab.repair()

    assert {outcome for outcome, _ in results.values()} <= {"pass", "skipped"}, results
    declared = [each.id for each in declarations_of(load_entries())]
    assert {results[name][0] for name in declared} == {"pass"}, results


def test_without_the_grant_no_probe_that_reads_sessions_passes(lab: Lab) -> None:
    try:
        lab.sql(f"REVOKE pg_monitor FROM {MONITOR}")
        results = outcomes(lab)
    finally:
        lab.repair()

    without_privilege = {
        probe for probe, (_, reason) in results.items() if f"GRANT pg_monitor TO {MONITOR}" in reason
    }
    assert without_privilege >= {"pool", "statements", "conflicts", "batches"}, results
    assert {results[probe][0] for probe in without_privilege} == {"unknown"}
