"""The least-privileged role: the page's SQL is enough, and less is never green."""

import re
from pathlib import Path

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.baseline import MONITOR
from tests.support.proof import looked

pytestmark = pytest.mark.lab
PAGE = Path(__file__).parents[2] / "site_docs" / "pages" / "privileges.md"


def outcomes(lab: Lab) -> dict[str, tuple[str, str]]:
    return {result.key.probe: (result.outcome, result.reason) for result in looked(lab).results}


def statements() -> list[str]:
    """The page's SQL, but for psql's own command, which asks for a password."""
    (block,) = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [line for line in block.splitlines() if not line.startswith("\\")]


def test_a_role_made_by_the_page_sees_all_that_the_probes_look_at(lab: Lab) -> None:
    try:
        lab.sql(f"DROP OWNED BY {MONITOR}")
        lab.sql(f"DROP ROLE {MONITOR}")
        for statement in statements():
            lab.sql(statement)
        lab.sql(f"ALTER ROLE {MONITOR} PASSWORD %s", lab.passwords.monitor)
        found = outcomes(lab)
    finally:
        lab.repair()

    assert {outcome for outcome, _ in found.values()} <= {"pass", "skipped"}, found


def test_without_the_grant_nothing_that_looks_at_sessions_is_green(lab: Lab) -> None:
    try:
        lab.sql(f"REVOKE pg_monitor FROM {MONITOR}")
        found = outcomes(lab)
    finally:
        lab.repair()

    blind = {probe for probe, (_, reason) in found.items() if f"GRANT pg_monitor TO {MONITOR}" in reason}
    assert blind >= {"pool", "statements", "conflicts", "batches"}, found
    assert {found[probe][0] for probe in blind} == {"unknown"}
