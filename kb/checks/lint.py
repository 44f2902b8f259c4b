"""Lint of the checks of a record, by themselves."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kb.checks.model import Check, DeclaredFault
from kb.checks.sql_lint import parameters_in, sql_problems
from kb.checks.versions import is_range

FACT: Final = re.compile(r"[a-z][a-z0-9_]*")
HOLE: Final = re.compile(r"<[a-z][a-z_]*>")
POINTER: Final = re.compile(r"(/[^/]+)+")
KEY: Final = re.compile(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*")
MAX_WINDOW_S: Final = 30.0
MAX_WITHIN_S: Final = 10.0
KINDS: Final = ("sql", "http", "config")
ONLY_SQL: Final = ("needs", "extensions", "versions", "thresholds", "params", "window_s", "increase")


def check_problems(checks: Mapping[str, Sequence[Check]]) -> Iterator[str]:
    """Yield one line for each problem of the checks of an entry, by the names of their findings."""
    for name, blocks in checks.items():
        if not FACT.fullmatch(name):
            yield f"checks: {name!r}: write lower-case words joined by _"
        if not blocks:
            yield f"checks.{name}: is empty"
        if len(blocks) > 1 and not all(block.versions for block in blocks):
            yield f"checks.{name}: each of several blocks needs `versions`"
        for block in blocks:
            yield from (f"checks.{name}: {problem}" for problem in _block(block))
    yield from _shared_thresholds(checks)


def fault_problems(fault: DeclaredFault) -> Iterator[str]:
    """Yield one line for each problem of a declared fault."""
    if not (fault.sql or fault.replica_sql or fault.files or fault.commands or fault.settings):
        yield "fault: give at least one of sql, replica_sql, files, commands and settings"
    if bool(fault.prints) == bool(fault.warning):
        yield "fault: give either prints, what the failing program prints, or warning, why nothing fails yet"
    if fault.replica_sql and not fault.replica:
        yield "fault: replica_sql: needs `replica: true`"


def _block(check: Check) -> Iterator[str]:
    kinds = [kind for kind in KINDS if getattr(check, kind)]
    if len(kinds) != 1:
        yield f"give exactly one of {', '.join(KINDS)}"
    elif kinds == ["sql"]:
        yield from _sql(check)
    else:
        given = [name for name in ONLY_SQL if getattr(check, name)]
        if given:
            yield f"{', '.join(given)}: only a check with sql has {'it' if len(given) == 1 else 'them'}"
    if check.http:
        yield from _http(check)
    if check.config and not KEY.fullmatch(check.config.key):
        yield f"config: key: {check.config.key!r}: write names joined by dots"


def _sql(check: Check) -> Iterator[str]:
    problems = sql_problems(check.sql)
    yield from (f"sql: {problem}" for problem in problems)
    if not problems:
        yield from _parameters(check)
    if check.versions and not is_range(check.versions):
        yield f"versions: {check.versions!r} is not a range such as '>=15' or '>=13,<17'"
    if not 0 <= check.window_s <= MAX_WINDOW_S:
        yield f"window_s: {check.window_s:g} is not between 0 and {MAX_WINDOW_S:g}"
    if bool(check.window_s) != bool(check.increase):
        yield "window_s and increase: give both, or none"
    for column, threshold in check.increase.items():
        if threshold not in check.thresholds:
            yield f"increase: {column}: {threshold!r} is not one of the thresholds"
    for name, hole in check.params.items():
        if not HOLE.fullmatch(hole):
            yield f"params: {name}: {hole!r} is not a hole such as <table>"


def _parameters(check: Check) -> Iterator[str]:
    used = parameters_in(check.sql)
    given = {*check.thresholds, *check.params}
    yield from (f"sql: %({name})s is neither a threshold nor a parameter" for name in sorted(used - given))
    unused = given - used - set(check.increase.values())
    yield from (f"{name}: the query does not use it" for name in sorted(unused))
    for name in sorted(set(check.thresholds) & set(check.params)):
        yield f"{name}: is a threshold and a parameter"


def _http(check: Check) -> Iterator[str]:
    request = check.http
    if request is None:
        return
    if not request.path.startswith("/") or not request.path.isprintable() or " " in request.path:
        yield f"http: path: {request.path!r}: write the path below the base URL, beginning with /"
    if not 0 < request.within_s <= MAX_WITHIN_S:
        yield f"http: within_s: {request.within_s:g} is not between 0 and {MAX_WITHIN_S:g}"
    for pointer in request.expect.json:
        if not POINTER.fullmatch(pointer):
            yield f"http: expect.json: {pointer!r} is not a JSON Pointer such as /database"


def _shared_thresholds(checks: Mapping[str, Sequence[Check]]) -> Iterator[str]:
    """Yield thresholds that have two values: a target overrides a name for the whole entry."""
    values: dict[str, float] = {}
    for blocks in checks.values():
        for block in blocks:
            for name, value in block.thresholds.items():
                if values.setdefault(name, value) != value:
                    yield f"checks: thresholds: {name} is {values[name]:g} and {value:g}; write two names"
