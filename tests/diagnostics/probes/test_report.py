"""A report's memory is estimated without running it; guesses of the planner are corrected."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from diagnostics.clients.postgres.views.explain import is_blind, likely_rows
from diagnostics.errors import CannotTell
from diagnostics.lab.lab import Lab
from diagnostics.probes.report import single_select
from diagnostics.targets.settings import Report
from diagnostics.targets.target import Target
from tests.diagnostics.probes.running import ProbeResult, run_probes

RANGE = "SELECT * FROM bookings WHERE booked_at >= '2026-11-01' AND booked_at < '2026-12-01'"
BLIND = "SELECT * FROM bookings WHERE extract(month FROM booked_at) = 11"
TWINS = "SELECT a.* FROM bookings a JOIN bookings b USING (id) WHERE extract(month FROM a.booked_at) = 11"
SUMS = "SELECT category, sum(amount) FROM bookings WHERE extract(month FROM booked_at) = 11 GROUP BY category"
BOOKED = """
INSERT INTO bookings (account_id, amount, reference, booked_at)
SELECT 1, 25, 'booking ' || n, '2026-11-15' FROM generate_series(1, 20000) AS n
"""


def run_report(target: Target, sql: str = "", *, memory_mb: int = 5, sql_file: str = "") -> ProbeResult:
    report = Report(sql=sql, sql_file=sql_file, memory_mb=memory_mb)
    with_report = replace(target, settings=replace(target.settings, report=report))
    return run_probes(with_report, "connect", "login", "report")["report"]


@pytest.mark.lab
def test_the_memory_is_that_of_all_rows_whatever_the_planner_guesses(lab: Lab) -> None:
    lab.sql(BOOKED)
    lab.sql("ANALYZE bookings")
    try:
        blind, known, sums = (run_report(lab.target, sql) for sql in (BLIND, RANGE, SUMS))
        twins = run_report(lab.target, TWINS)
    finally:
        lab.repair()

    assert (blind.codes, known.codes, twins.codes) == (["report.memory"],) * 3
    assert int(str(blind.evidence["rows by EXPLAIN"].value)) < 1000
    assert blind.evidence["rows by the table's size"].value == 20100
    assert "EXTRACT" in blind.evidence["rows by the table's size"].note
    assert 19000 < int(str(known.evidence["rows by EXPLAIN"].value)) < 21000
    assert "rows by the table's size" not in known.evidence
    assert sums.codes == []


@pytest.mark.lab
def test_a_table_that_was_never_analyzed_is_not_green(healthy: Lab) -> None:
    healthy.sql("CREATE TABLE fresh AS SELECT n FROM generate_series(1, 100) AS n")
    healthy.sql("GRANT SELECT ON fresh TO clearpay_doctor")
    try:
        guessed = run_report(healthy.target, "SELECT * FROM fresh")
        healthy.sql("ANALYZE fresh")
        known = run_report(healthy.target, "SELECT * FROM fresh")
    finally:
        healthy.sql("DROP TABLE fresh")

    assert (guessed.outcome, guessed.codes) == ("unknown", [])
    assert "public.fresh; run ANALYZE" in guessed.reason
    assert known.outcome == "pass"


@pytest.mark.lab
def test_earlier_executions_count_if_the_server_has_pg_stat_statements(lab: Lab) -> None:
    lab.server.configure("shared_preload_libraries = 'pg_stat_statements'\n")
    lab.server.restart()
    lab.sql("CREATE EXTENSION pg_stat_statements")
    wide = "SELECT * FROM bookings, generate_series(1, 400) AS page WHERE account_id + page = 5"
    try:
        lab.sql(wide)
        result = run_report(lab.target, wide.replace("5", "6"))
        new = run_report(lab.target, RANGE)
    finally:
        lab.sql("DROP EXTENSION pg_stat_statements")
        lab.repair()

    assert result.evidence["rows by pg_stat_statements"].note == "average of 1 executions"
    assert (
        new.evidence["rows by pg_stat_statements"].value == "the report has not run since the counters began"
    )


@pytest.mark.lab
def test_nothing_is_run_and_nothing_is_changed(lab: Lab) -> None:
    before = lab.sql("SELECT count(*) FROM bookings")

    result = run_report(lab.target, "WITH gone AS (DELETE FROM bookings RETURNING *) SELECT * FROM gone")

    assert result.outcome == "unknown"
    assert lab.sql("SELECT count(*) FROM bookings") == before


@pytest.mark.lab
def test_the_file_is_read_beside_the_target_file(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "report.sql").write_text(f"{RANGE};\n", "utf-8")
    target = replace(lab.target, folder=tmp_path)

    assert run_report(target, sql_file="report.sql").outcome == "pass"
    assert "missing.sql: cannot be read" in run_report(target, sql_file="missing.sql").reason


@pytest.mark.lab
def test_without_a_report_there_is_nothing_to_ask(lab: Lab) -> None:
    target = replace(lab.target, settings=replace(lab.target.settings, report=None))

    result = run_probes(target, "connect", "login", "report")["report"]

    assert (result.outcome, result.reason) == ("skipped", "target lab names no SQL under [report]")


@pytest.mark.lab
def test_a_table_that_may_not_be_read_is_unknown_and_the_grant_is_named(lab: Lab) -> None:
    lab.sql("REVOKE SELECT ON bookings FROM clearpay_doctor")
    try:
        result = run_report(lab.target, RANGE)
    finally:
        lab.repair()

    assert result.outcome == "unknown"
    assert "grant SELECT" in result.reason


@pytest.mark.lab
def test_functions_of_another_database_are_named_by_the_server(lab: Lab) -> None:
    result = run_report(lab.target, "SELECT * FROM bookings WHERE MONTH(booked_at) = 11")

    assert result.outcome == "unknown"
    assert "42883" in result.reason


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; SELECT 2",
        "SELECT 1; -- and\nDELETE FROM bookings",
        "DELETE FROM bookings",
        "ANALYZE bookings",
        "EXPLAIN ANALYZE SELECT 1",
        "",
    ],
)
def test_anything_but_one_statement_that_reads_is_refused(sql: str) -> None:
    with pytest.raises(CannotTell, match=r"report\.sql"):
        single_select(sql)


@pytest.mark.parametrize(
    "sql", ["SELECT ';'", "select 1 -- ; no\n;", "(SELECT 1) UNION (SELECT 2)", "TABLE t"]
)
def test_one_statement_may_hold_semicolons_that_mean_nothing(sql: str) -> None:
    assert single_select(sql)


def scan(filter_: str, **fields: Any) -> dict[str, Any]:
    return {
        "Node Type": "Seq Scan",
        "Schema": "public",
        "Relation Name": "bookings",
        "Alias": "b",
        "Plan Rows": 10,
        "Filter": filter_,
        **fields,
    }


@pytest.mark.parametrize(
    "condition",
    [
        "(EXTRACT(month FROM b.booked_at) = '11'::numeric)",
        "(date_trunc('month'::text, b.booked_at) = '2026-11-01'::date)",
        "((b.booked_at)::date = '2026-11-01'::date)",
        "(lower(b.category) = 'card'::text)",
    ],
)
def test_a_condition_on_an_expression_of_a_column_is_blind(condition: str) -> None:
    assert is_blind(scan(condition))


@pytest.mark.parametrize(
    "condition",
    [
        "(b.booked_at >= (now() - '30 days'::interval))",
        "(b.booked_at >= date_trunc('month'::text, now()))",
        "((b.category)::text = 'card'::text)",
        "(b.category = ANY ('{card,refund}'::text[]))",
        "",
    ],
)
def test_a_condition_on_a_column_is_not(condition: str) -> None:
    assert not is_blind(scan(condition))


def test_partitions_add_up_and_joins_multiply() -> None:
    blind = scan("(lower(b.category) = 'card'::text)")
    append = {"Node Type": "Append", "Plan Rows": 20, "Plans": [blind, blind]}
    join = {"Node Type": "Hash Join", "Plan Rows": 40, "Plans": [append, scan("")]}
    limit = {"Node Type": "Limit", "Plan Rows": 5, "Plans": [join]}

    def table_rows(_schema: str, _name: str) -> float:
        return 1000.0

    assert likely_rows(append, table_rows) == 2000
    assert likely_rows(join, table_rows) == 4000
    assert likely_rows(limit, table_rows) == 5
