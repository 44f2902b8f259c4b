"""Checks of kind `sql`: rows are findings, and their columns are the evidence."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from typing import Any, Final

from diagnostics.checks.thresholds import thresholds_of
from diagnostics.clients.postgres.row_shape import MAX_INT, Misshapen
from diagnostics.clients.postgres.session import QueryRefused
from diagnostics.clients.postgres.shared_session import Answer, run_statement
from diagnostics.engine.context import Context
from diagnostics.engine.events import Value
from diagnostics.engine.window import watch
from diagnostics.errors import CannotTell, Skip
from kb.checks.model import Check
from kb.checks.sql_lint import sql_problems
from kb.checks.sql_tokens import tokens_of
from kb.checks.versions import includes

MAX_ROWS: Final = 20
"""Rows that are read; one more is asked for, to know if there are more."""
MAX_SHOWN: Final = 5
"""Rows whose columns become evidence."""
MAX_TEXT: Final = 200
"""Characters of a value in evidence."""
OPEN: Final = "unknown"
"""Column whose text, where there is one, says why the row leaves the question open: it is not a finding."""
SERVER: Final = """
SELECT current_setting('server_version_num')::int AS version, current_user::text AS role,
       ARRAY(SELECT rolname::text FROM pg_roles WHERE pg_has_role(oid, 'USAGE')) AS member_of,
       ARRAY(SELECT extname::text FROM pg_extension) AS extensions
"""
ABSENT: Final = frozenset({"42P01", "42883", "42703", "3F000", "42704"})
"""SQLSTATEs of a table, function, column, schema or object that does not exist."""
NO_PRIVILEGE: Final = "42501"
MAJOR: Final = 10_000
"""Divisor of server_version_num that leaves the major version."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """Facts about the server and the session's role on which checks depend."""

    major: int
    role: str
    member_of: frozenset[str]
    extensions: frozenset[str]


def run_sql_check(context: Context, entry: str, name: str, blocks: Sequence[Check]) -> None:
    """Run the block of a check for the server's version, and record rows as a finding.

    Raises Skip where version, extension or object are absent, CannotTell where a grant is missing or the
    server does not answer.
    """
    server = _needed_facts(context, entry, blocks)
    block = next((each for each in blocks if includes(each.versions, server.major)), None) if server else None
    if server and block is None:
        ranges = " or ".join(each.versions for each in blocks)
        raise Skip(f"for PostgreSQL {ranges}, and the server is {server.major}")
    block = block or blocks[0]
    if server:
        _require(block, server)
    thresholds = thresholds_of(entry, block, context.target)
    values = {**thresholds, **{key: context.holes.get(hole[1:-1]) for key, hole in block.params.items()}}
    with context.step(name) as step:
        found = _rows(context, entry, block, values)
        step.detail = f"{len(found)} row{'' if len(found) == 1 else 's'}"
    for reason in dict.fromkeys(str(row[OPEN]) for row in found if row.get(OPEN)):
        context.unknown(f"{name}: {reason}")
    found = [
        {column: value for column, value in row.items() if column != OPEN}
        for row in found
        if not row.get(OPEN)
    ]
    _record(context, f"{entry}.{name}", block, found, thresholds)


def _needed_facts(context: Context, entry: str, blocks: Sequence[Check]) -> ServerFacts | None:
    """Return facts about the server, None if the check depends on none. Raises CannotTell."""
    if not any(block.versions or block.needs or block.extensions for block in blocks):
        return None
    answer = run_statement(context, blocks[0].role, SERVER, {}, probe=entry)
    match answer.rows:
        case [(int(version), str(role), list(member_of), list(extensions))]:
            return ServerFacts(version // MAJOR, role, frozenset(member_of), frozenset(extensions))
    raise Misshapen("no facts about the server")


def _require(check: Check, server: ServerFacts) -> None:
    """Raise Skip for an absent extension, CannotTell for a missing membership."""
    for name in check.extensions:
        if name not in server.extensions:
            raise Skip(f"the extension {name} is not installed in this database")
    missing = [name for name in check.needs if name not in server.member_of]
    if missing:
        raise CannotTell(
            f"the role {server.role} lacks {', '.join(missing)}: GRANT {missing[0]} TO {server.role}"
        )


def _rows(context: Context, entry: str, check: Check, values: Mapping[str, object]) -> list[dict[str, Any]]:
    if not check.window_s:
        return _query(context, entry, check, values)
    before = {_identity(check, row): row for row in _query(context, entry, check, values)}
    after: list[dict[str, Any]] = []
    with watch(context, check.window_s, step=f"watch for {check.window_s:g} s") as window:
        window.wait()
        after = _query(context, entry, check, values)
    return [
        increased
        for row in after
        if (earlier := before.get(_identity(check, row)))
        and (increased := _increase(check, earlier, row, values))
    ]


def _query(context: Context, entry: str, check: Check, values: Mapping[str, object]) -> list[dict[str, Any]]:
    """Return the rows of the check's query as mappings. Raises Skip and CannotTell."""
    if problems := sql_problems(check.sql):  # what the lint has not accepted does not run
        raise CannotTell(f"the query is refused: it {problems[0]}")
    try:
        answer = run_statement(context, check.role, wrapped(check.sql, values), values, probe=entry)
    except QueryRefused as refused:
        if refused.error.sqlstate in ABSENT:
            raise Skip(f"the server has no such object: {refused.error.message}") from None
        if refused.error.sqlstate == NO_PRIVILEGE:
            raise CannotTell(f"a grant is missing: {refused.error.message}") from None
        raise
    return [dict(zip(answer.columns, map(_scalar, row), strict=True)) for row in _checked(answer)]


def wrapped(statement: str, values: Mapping[str, object]) -> str:
    """Return a statement as a subquery, in which nothing can write, with a limited number of rows.

    A % that is not part of a parameter is doubled if there are parameters, as the driver requires.
    """
    text = statement.strip().removesuffix(";")
    if values:
        at, parts = 0, []
        for token in tokens_of(text):
            if token.kind == "parameter":
                parts += [text[at : token.start].replace("%", "%%"), token.text]
                at = token.start + len(token.text)
        text = "".join([*parts, text[at:].replace("%", "%%")])
    return f"SELECT * FROM (\n{text}\n) AS checked LIMIT {MAX_ROWS + 1}"  # noqa: S608  the lint accepted it


def _checked(answer: Answer) -> Sequence[tuple[Any, ...]]:
    """Return the rows, each with as many values as there are columns. Raises Misshapen."""
    if len(answer.rows) > MAX_ROWS + 1 or not all(len(row) == len(answer.columns) for row in answer.rows):
        raise Misshapen("rows that the query did not ask for")
    return answer.rows


def _identity(check: Check, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the columns that identify a row in two samples: those that are not counters."""
    return tuple(value for column, value in row.items() if column not in check.increase)


def _increase(
    check: Check, before: Mapping[str, Any], after: Mapping[str, Any], values: Mapping[str, object]
) -> dict[str, Any]:
    """Return a row with the increases of its counters, empty if none exceeds its threshold."""
    found = dict(after)
    exceeded = False
    for column, threshold in check.increase.items():
        first, last, limit = before.get(column), after.get(column), values[threshold]
        if not isinstance(first, int | float) or not isinstance(last, int | float):
            raise CannotTell(f"the column {column} is not a number")
        found[column] = round(last - first, 3)
        exceeded |= isinstance(limit, int | float) and last - first > limit
    return found if exceeded else {}


def _record(
    context: Context,
    code: str,
    check: Check,
    rows: Sequence[Mapping[str, Any]],
    thresholds: Mapping[str, float],
) -> None:
    """Record the number of rows, the columns of the first ones, and the finding."""
    count: Value = len(rows) if len(rows) <= MAX_ROWS else f"more than {MAX_ROWS}"
    note = ", ".join(f"{name} = {value:g}" for name, value in thresholds.items())
    context.evidence(code.partition(".")[2], count, expected=0, unit="rows", ok=not rows, note=note)
    for number, row in enumerate(rows[:MAX_SHOWN], 1):
        suffix = f" [{number}]" if len(rows) > 1 else ""
        for column, value in row.items():
            context.evidence(f"{column}{suffix}", value, ok=False)
    if rows:
        context.finding(code, check.level)


def _scalar(value: Any) -> Value:
    """Return a value of a row as evidence has it."""
    match value:
        case None | bool():
            return value
        case int() | float() | Decimal():
            return _number(value)
        case timedelta():
            return round(value.total_seconds(), 3)
        case datetime() | date() | time_of_day():
            return value.isoformat()
        case list():
            return ", ".join(str(item) for item in value[:MAX_SHOWN])[:MAX_TEXT]
        case _:
            return str(value)[:MAX_TEXT]


def _number(value: Any) -> Value:
    """Return a number, or its text if it is not finite or longer than 64 bits."""
    if not math.isfinite(value) or abs(value) > MAX_INT:
        return str(value)[:MAX_TEXT]
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        return int(value) if whole else round(float(value), 6)
    return float(value) if isinstance(value, float) else int(value)
