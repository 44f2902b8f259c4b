"""Checks of records on real servers: each has its own result, and one that fails takes no other along."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from diagnostics.checks.declared import AllProbes, DeclaredProbe
from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.scheduler import Run, Task
from diagnostics.errors import InvalidTarget
from diagnostics.lab.lab import Lab
from diagnostics.probes import PROBES
from diagnostics.redaction import Redactor
from diagnostics.report.model import Result, fold
from diagnostics.run.selection import tasks
from diagnostics.targets.target import Target
from kb.checks.model import Check, Declaration, Expectation, HttpCheck
from kb.records.loader import load_entries

pytestmark = pytest.mark.lab


def declared(**checks: Check | tuple[Check, ...]) -> Declaration:
    blocks = {name: check if isinstance(check, tuple) else (check,) for name, check in checks.items()}
    return Declaration(id="db-own", layer="database", title="Own", checks=blocks)


def run(
    target: Target, *declarations: Declaration, holes: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, Result]:
    """Run the declarations with the probes that they need; return the results by probe."""
    probes = AllProbes(PROBES, declarations)
    names = ["tls", "reach", "connect", "login", *(each.id for each in declarations)]
    planned = [
        Task(target, point, name)
        for point in target.endpoints
        for name in names
        if point.kind in probes[name].APPLIES_TO
    ]
    events = Run(planned, probes, redactor=Redactor(), deadline_s=60, holes=holes)
    return {result.key.probe: result for result in fold(events)}


def evidence(result: Result) -> dict[str, Any]:
    return {item.name: item.value for item in result.evidence}


def codes(result: Result) -> list[str]:
    return [finding.code for finding in result.findings]


def test_rows_are_findings_and_columns_are_evidence(healthy: Lab) -> None:
    result = run(healthy.target, declared(found=Check(sql="SELECT 7 AS number, 'x' AS name")))["db-own"]

    assert (result.outcome, codes(result)) == ("fail", ["db-own.found"])
    assert evidence(result) == {"found": 1, "number": 7, "name": "x"}


def test_no_row_is_a_pass_and_a_warning_warns(healthy: Lab) -> None:
    none = run(healthy.target, declared(none=Check(sql="SELECT 1 AS n WHERE false")))["db-own"]
    warned = run(healthy.target, declared(some=Check(sql="SELECT 1 AS n", level="warn")))["db-own"]

    assert (none.outcome, warned.outcome) == ("pass", "warn")


def test_one_check_that_fails_takes_no_other_along(healthy: Lab) -> None:
    slow = "SELECT count(*) FROM generate_series(1, 1000000000000) AS a(n)"
    failing = replace(declared(slow=Check(sql=slow)), id="db-slow")
    wrong = replace(declared(wrong=Check(sql="SELECT 1 / 0 AS n")), id="db-wrong")

    results = run(healthy.target, failing, wrong, declared(found=Check(sql="SELECT 1 AS n")))

    assert results["db-slow"].outcome == "unknown"
    assert "57014" in results["db-slow"].reason
    assert "division by zero" in results["db-wrong"].reason
    assert codes(results["db-own"]) == ["db-own.found"]


def test_a_missing_grant_makes_one_entry_unknown(healthy: Lab) -> None:
    accounts = replace(declared(table=Check(sql="SELECT * FROM accounts")), id="db-accounts")
    member = replace(declared(role=Check(sql="SELECT 1 AS n", needs=("pg_signal_backend",))), id="db-member")

    results = run(healthy.target, accounts, member, declared(other=Check(sql="SELECT 1 AS n")))

    assert results["db-accounts"].outcome == "unknown"
    assert "permission denied for table accounts" in results["db-accounts"].reason
    assert "lacks pg_signal_backend: GRANT pg_signal_backend TO" in results["db-member"].reason
    assert results["db-own"].outcome == "fail"


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (Check(sql="SELECT 1 AS n", extensions=("not_there",)), "the extension not_there is not installed"),
        (Check(sql="SELECT 1 AS n", versions="<13"), "for PostgreSQL <13"),
        (Check(sql="SELECT n FROM not_there"), "the server has no such object"),
    ],
)
def test_what_is_absent_is_skipped(healthy: Lab, check: Check, reason: str) -> None:
    result = run(healthy.target, declared(absent=check))["db-own"]

    assert result.outcome == "skipped"
    assert reason in result.reason


def test_the_block_of_the_servers_version_runs(healthy: Lab) -> None:
    blocks = (
        Check(sql="SELECT 'old' AS block", versions="<13"),
        Check(sql="SELECT 'new' AS block", versions=">=13"),
    )

    assert evidence(run(healthy.target, declared(both=blocks))["db-own"])["block"] == "new"


def test_all_checks_share_the_login_of_the_application_and_one_of_the_monitor_role(healthy: Lab) -> None:
    application = [
        replace(declared(one=Check(sql=COUNT, role="application")), id=f"db-a{n}") for n in range(5)
    ]
    monitor = [replace(declared(one=Check(sql=COUNT)), id=f"db-m{n}") for n in range(5)]

    results = run(healthy.target, *application, *monitor)

    counted = [evidence(results[f"db-{kind}{n}"])["sessions"] for kind in "am" for n in range(5)]
    assert max(counted) <= 2
    assert healthy.sql(SESSIONS) == [(0,)]


SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'clearpay-doctor/%'"
COUNT = SESSIONS.replace("count(*)", "count(*) AS sessions")


def test_parameters_are_bound_and_not_pasted(healthy: Lab) -> None:
    check = Check(sql="SELECT %(table)s::text AS named", params={"table": "<table>"})
    hostile = "x' UNION SELECT pg_sleep(9)::text; --"

    named = run(healthy.target, declared(one=check), holes={"db-own": {"table": hostile}})["db-own"]
    without = run(healthy.target, declared(one=check))["db-own"]

    assert evidence(named)["named"] == hostile
    assert evidence(without)["named"] is None


def test_a_target_overrides_thresholds_and_a_wrong_name_is_refused(healthy: Lab) -> None:
    check = Check(sql="SELECT 5 AS n WHERE 5 > %(most)s", thresholds={"most": 1})
    own = healthy.target

    def with_most(name: str) -> Target:
        thresholds = replace(own.settings.thresholds, checks={"db-own": {name: 9}})
        return replace(own, settings=replace(own.settings, thresholds=thresholds))

    assert run(own, declared(one=check))["db-own"].outcome == "fail"
    assert run(with_most("most"), declared(one=check))["db-own"].outcome == "pass"

    entries = {"db-own": replace(load_entries()["db-replica-lag"], id="db-own")}
    with pytest.raises(InvalidTarget, match="max_behind_mb"):
        tasks([with_most("max_behind_m")], ["db-own"], Catalogue(entries, PROBES), active=False, forced=False)


def test_a_window_judges_the_increase_of_counters(healthy: Lab) -> None:
    counters = "SELECT 'clock' AS name, extract(epoch FROM clock_timestamp()) AS seconds"
    check = Check(sql=counters, window_s=0.3, increase={"seconds": "most"}, thresholds={"most": 0.2})

    found = run(healthy.target, declared(grows=check))["db-own"]
    still = run(healthy.target, declared(grows=replace(check, thresholds={"most": 60})))["db-own"]

    assert (found.outcome, still.outcome) == ("fail", "pass")
    assert 0.2 < evidence(found)["seconds"] < 5


def test_a_column_named_unknown_leaves_the_question_open(healthy: Lab) -> None:
    result = run(healthy.target, declared(one=Check(sql="SELECT 1 AS n, 'no grant' AS unknown")))["db-own"]

    assert (result.outcome, result.reason, codes(result)) == ("unknown", "one: no grant", [])


def test_what_the_lint_refuses_does_not_run(healthy: Lab) -> None:
    result = run(healthy.target, declared(one=Check(sql="SELECT pg_sleep(5)")))["db-own"]

    assert result.outcome == "unknown"
    assert "refused: it calls pg_sleep()" in result.reason
    assert result.ms < 2000


def test_a_request_is_judged_by_status_fields_and_time(healthy: Lab) -> None:
    path = healthy.target.settings.contract.health_path
    right = HttpCheck(path=path)
    wrong = HttpCheck(path=path, expect=Expectation(json={"/absent": "ok"}))

    good = run(healthy.target, declared(health=Check(http=right)))["db-own"]
    bad = run(healthy.target, declared(health=Check(http=wrong)))["db-own"]

    assert (good.outcome, bad.outcome) == ("pass", "fail")
    assert evidence(bad)["/absent"] == "absent"


def test_a_declared_probe_says_what_it_sends() -> None:
    probe = DeclaredProbe(declared(a=Check(sql="SELECT 1 WHERE 2 > %(most)s", thresholds={"most": 3})))

    assert probe.SENDS.endswith(".")
    assert probe.QUESTION.endswith("?")
    assert probe.FINDINGS == ("db-own.a",)
    assert probe.statements(Target("t", ())) == ("SELECT 1 WHERE 2 > 3",)
