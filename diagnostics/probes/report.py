"""Memory that the report needs, estimated from its plan without running it."""

from collections.abc import Callable
from typing import Any

from diagnostics.clients.json_shape import number_at, object_at
from diagnostics.clients.postgres.row_shape import BOOL, DOCUMENT, FLOAT, INT, read_row, read_rows
from diagnostics.clients.postgres.session import Session, monitor_session
from diagnostics.clients.postgres.views.explain import blind_filters, likely_rows, require_plan, tables_of
from diagnostics.clients.postgres.views.statement_text import masked
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.settings import Report
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the report need more memory than the application may use?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect", "login")
READS: tuple[str, ...] = ()
FINDINGS = ("report.memory",)
SAFETY: Safety = "remote"
BUDGET = 15.0
ALONE = False
SENDS = "One read-only session; EXPLAIN of the report's SELECT, which plans it and never runs it."

BYTES_OF_WIDTH, BYTES_OF_COLUMN = 2.9, 80
"""Bytes of a row as a tuple of psycopg2, per byte of width and per column, libpq's copy included.

Measured, see the entry.
"""
DICT_ROWS = 1.75
"""Factor for rows as dicts."""
MB = 1e6
READS_ROWS = frozenset({"select", "with", "table", "values"})
EXPLAIN = "SET LOCAL max_parallel_workers_per_gather = 0; EXPLAIN (FORMAT JSON, VERBOSE) "
"""One message, so one transaction: the setting ends with it and stays in no session of a pooler."""
TABLE_ROWS = """
SELECT greatest(reltuples, pg_stat_get_live_tuples(oid))::float8
FROM pg_class WHERE oid = to_regclass(format('%%I.%%I', %s::text, %s::text))
"""
ANALYZED = """
SELECT reltuples::float8 FROM pg_class WHERE oid = to_regclass(format('%%I.%%I', %s::text, %s::text))
"""
"""-1 where the table was never analyzed (PostgreSQL 14 and later): its rows and widths are guesses then."""
MAX_TABLES = 20
KEEPS_STATEMENTS = "SELECT to_regclass('pg_stat_statements') IS NOT NULL"
ROWS_SO_FAR = """
SELECT max(rows::float8 / calls), sum(calls)::bigint
FROM pg_stat_statements
WHERE queryid = %s AND calls > 0 AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def run(context: Context, /) -> None:
    """Estimate the rows from plan and statistics, and judge the memory of the larger estimate."""
    report = context.target.settings.report
    if report is None:
        raise Skip(f"target {context.target.name} names no SQL under [report]")
    sql = single_select(_text(context, report))
    with monitor_session(context, "report") as session:
        with context.step("explain"):
            plan = _plan(session, sql)
        rows = max(_planned_rows(context, session, plan["Plan"]), _average_rows(context, session, plan))
        guessed = _guessed_tables(session, plan["Plan"])
    width, columns = number_at(plan["Plan"], "Plan Width"), len(plan["Plan"].get("Output") or ())
    context.evidence("row", width, unit="bytes", note=f"{columns} columns, from the statistics of the table")
    _judge(context, report, rows * (BYTES_OF_WIDTH * width + BYTES_OF_COLUMN * columns) / MB)
    if guessed and not context.codes:
        names = ", ".join(guessed)
        context.unknown(
            f"never analyzed, so EXPLAIN guesses rows and widths: {names}; run ANALYZE, then check again"
        )


def single_select(sql: str) -> str:
    """Return the text without its semicolon. Raises CannotTell unless it is one statement that reads rows."""
    text = masked(sql).rstrip("; ")
    if ";" in text:
        raise CannotTell("report.sql: holds several statements; give the one SELECT that loads the rows")
    if text.partition(" ")[0].lower().lstrip("(") not in READS_ROWS:
        raise CannotTell("report.sql: is not a SELECT; give the statement that loads the rows")
    return sql.strip().rstrip(";")


def _text(context: Context, report: Report) -> str:
    if report.sql:
        return report.sql
    path = context.target.folder / report.sql_file
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotTell(f"report.sql_file: {path}: cannot be read: {error}") from None


def _plan(session: Session, sql: str) -> dict[str, Any]:
    try:
        (plans,) = read_row(session, EXPLAIN + sql, (DOCUMENT,))
    except CannotTell as refused:
        grant = (
            "; grant SELECT on the report's tables to the role of this session"
            if "42501" in str(refused)
            else ""
        )
        raise CannotTell(f"EXPLAIN of report.sql: {refused}{grant}") from None
    plan: dict[str, Any] = plans[0] if len(plans) == 1 else {}
    require_plan(object_at(plan, "Plan"))
    return plan


def _planned_rows(context: Context, session: Session, plan: dict[str, Any]) -> float:
    """Return the planner's estimate, corrected for conditions without statistics."""
    context.evidence("rows by EXPLAIN", plan["Plan Rows"])
    blind = list(blind_filters(plan))
    if not blind:
        return float(plan["Plan Rows"])
    rows = likely_rows(plan, _rows_of_tables(session))
    note = f"EXPLAIN has no statistics for {masked(blind[0])} and guesses; all rows of the table may match"
    context.evidence("rows by the table's size", round(rows), note=note)
    return rows


def _guessed_tables(session: Session, plan: dict[str, Any]) -> list[str]:
    """Return the tables of a plan that have no statistics."""
    tables = sorted(set(tables_of(plan)))[:MAX_TABLES]
    rows = {table: read_rows(session, ANALYZED, (FLOAT,), table) for table in tables}
    return [".".join(table) for table, counts in rows.items() if any(count < 0 for (count,) in counts)]


def _rows_of_tables(session: Session) -> Callable[[str, str], float]:
    """Return a function that gives the number of rows of a table by schema and name."""

    def rows(schema: str, name: str) -> float:
        counts = read_rows(session, TABLE_ROWS, (FLOAT,), (schema, name))
        return max(0.0, *counts[0]) if counts else 0.0

    return rows


def _average_rows(context: Context, session: Session, plan: dict[str, Any]) -> float:
    """Return the average rows of this statement in pg_stat_statements, with any parameters; 0 if unknown."""
    query_id = plan.get("Query Identifier")
    if query_id is None or not read_row(session, KEEPS_STATEMENTS, (BOOL,))[0]:
        context.evidence("rows by pg_stat_statements", "not counted here")
        return 0.0
    average, calls = read_row(session, ROWS_SO_FAR, (FLOAT.or_null, INT.or_null), (query_id,))
    if average is None:
        context.evidence("rows by pg_stat_statements", "the report has not run since the counters began")
        return 0.0
    context.evidence("rows by pg_stat_statements", round(average), note=f"average of {calls} executions")
    return float(average)


def _judge(context: Context, report: Report, megabytes: float) -> None:
    too_much = megabytes > report.memory_mb
    note = f"if all rows are loaded at once as tuples; as dicts {DICT_ROWS:g} times as much"
    most = f"at most {report.memory_mb}"
    context.evidence("memory", round(megabytes, 1), expected=most, unit="MB", ok=not too_much, note=note)
    if too_much:
        context.finding("report.memory")
