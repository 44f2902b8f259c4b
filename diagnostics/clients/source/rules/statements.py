"""Rules for SQL statements: construction, number of rows, session settings."""

import ast
import re
from collections.abc import Iterator

from diagnostics.clients.source.module import Module
from diagnostics.clients.source.rules.sql import statements
from diagnostics.clients.source.tree import Function, calls_in, last_name, names_in

POSTGRES_DRIVERS = ("psycopg2", "psycopg", "asyncpg", "psycopg_pool")
OTHER_DRIVERS = ("sqlite3", "pymysql", "MySQLdb", "mysql", "oracledb", "cx_Oracle", "pyodbc", "aiosqlite")
VALUE = re.compile(
    r"(?:(?<![:<>])=|<|>|\blike|\bin ?\(|\bin|\bvalues ?\((?:[^()]*,)?|\blimit|\boffset|\binterval|\bthen)"
    r"\s*(?:'%?)?\s*$"
)
"""Text before a place where a value stands; elsewhere stand identifiers, which cannot be parameters."""
PERCENT = re.compile(r"%(?:\(\w+\))?[sr]")
BRACES = re.compile(r"\{\w*\}")
FRAGMENT = re.compile(
    r"placeholder|clause|condition|where|sql|query|column|cols?$|fields?$|table|schema|order|sort|direction|param"
    r"|limit$|offset$|tbl|relation|rel_|_ts$|^ts$|time|interval|expr|placeholder|now$|timestamp|date|markers|marks|filter|select|subquery|cte",
    re.IGNORECASE,
)
"""Names of parts that are SQL, not values."""
CHANGES = frozenset({"upper", "lower", "strip", "replace", "title"})
"""Methods of texts whose result means what the text means."""
WHOLE_TABLE = re.compile(
    r"select \* from [\w.\"]+(?: (?:as )?\w+)?(?: order by .*)?;?$"
    r"|select \* from .*\bwhere (?!.*(?:id|ids|key|name|label|email|slug|code|uuid) ?(?:=|in\b)).*$"
)
"""SELECT of a whole table, or of a range of it that may hold any number of rows."""
WHOLE_RESULT = ("query", "read_sql", "read_sql_query", "fetch")
BUILT = re.compile(r"(select|insert|update|delete|with|merge)\b.*\{\}")
NOT_POSTGRES = re.compile(
    r"\b(?:month|year|day|ifnull|datediff|date_sub|date_add|str_to_date|getdate|nvl|sysdate)\s*\("
    r"|\bon duplicate key\b|\bauto_increment\b|`\w+`|\bselect top \d|\blimit (?:\d+|%s), ?(?:\d+|%s)"
)
TIMEOUT = re.compile(
    r"set (?:session )?(?:statement|lock|idle_in_transaction_session|idle_session)_timeout\b"
)
LIMITED = re.compile(
    r"\b(?:limit|maxresults|top \d|fetch first|fetch next|group by|count\(|from (?:pg_|information_schema))"
)


def sql_string_build(module: Module) -> Iterator[ast.AST]:
    """Yield statements with values in their text: open to SQL injection, and no plan is reused."""
    if module.is_command():
        return
    for statement in statements(module):
        if BUILT.match(statement.text) and any(
            VALUE.search(before) and not _is_safe(module, part)
            for before, part in _parts(module, statement.expression)
        ):
            yield statement.call


def insert_per_row(module: Module) -> Iterator[ast.AST]:
    """Yield INSERT statements in a loop over rows: each row costs a round trip."""
    if module.imports_any("sqlite3", "aiosqlite"):
        return
    for statement in statements(module):
        if not statement.text.startswith("insert") or last_name(statement.call.func) == "executemany":
            continue
        used = names_in(*statement.call.args[1:], *statement.call.keywords)
        if _is_per_row(module, statement.call, used):
            yield statement.call


def executemany_is_a_loop(module: Module) -> Iterator[ast.AST]:
    """Yield `executemany` of psycopg2 with INSERT: it sends row by row."""
    if module.imports_any("psycopg2") and not module.imports_any(*OTHER_DRIVERS, "psycopg", "sqlalchemy"):
        for statement in statements(module):
            if last_name(statement.call.func) == "executemany" and statement.text.startswith("insert"):
                yield statement.call


def unbounded_select(module: Module) -> Iterator[ast.AST]:
    """Yield SELECT statements that fetch all rows of a table."""
    if module.imports_any(*OTHER_DRIVERS):
        return
    for statement in statements(module):
        whole = last_name(statement.call.func) in WHOLE_RESULT or _fetches_all(module, statement.call)
        if whole and WHOLE_TABLE.match(statement.text) and not LIMITED.search(statement.text):
            yield statement.call


def offset_pagination(module: Module) -> Iterator[ast.AST]:
    """Yield OFFSET in a loop: each page reads all skipped rows again and may miss or repeat rows."""
    for statement in statements(module):
        if " offset " in f"{statement.text} " and module.loops_of(statement.call):
            yield statement.call
    for call in module.calls("offset"):
        changes = bool(call.args) and not isinstance(call.args[0], ast.Constant)
        pages = changes and any(isinstance(loop, ast.While) for loop in module.loops_of(call))
        if pages and module.imports_any("sqlalchemy", "sqlmodel", "flask_sqlalchemy"):
            yield call


def sql_not_postgres(module: Module) -> Iterator[ast.AST]:
    """Yield statements in the dialects of other databases, which PostgreSQL refuses."""
    if module.imports_any(*POSTGRES_DRIVERS) and not module.imports_any(*OTHER_DRIVERS):
        for statement in statements(module):
            if NOT_POSTGRES.search(statement.text):
                yield statement.call


def session_timeout_not_local(module: Module) -> Iterator[ast.AST]:
    """Yield SET of a timeout without LOCAL: the next user of the pooled connection has it too."""
    if b"autocommit" in module.source.lower():
        return
    for statement in statements(module):
        function = module.function_of(statement.call)
        gives = any(
            isinstance(node, ast.Yield) for node in ast.walk(function)
        )  # each user of it sets it again
        known = gives or _connects(function) or _restores(module, function)
        if TIMEOUT.match(statement.text) and not known:
            yield statement.call


def sql_in_finally(module: Module) -> Iterator[ast.AST]:
    """Yield SQL in `finally`: in an aborted transaction it fails and hides the first error."""
    if b"autocommit" in module.source.lower():
        return
    sent = {
        statement.call
        for statement in statements(module)
        if statement.text.startswith(("set ", "reset ", "update", "insert", "delete"))
    }
    for block in module.all(ast.Try):
        commits = {last_name(call.func) for call in calls_in(block.body)}
        if "execute" in commits:
            yield from (call for call in calls_in(block.finalbody) if call in sent)


def _restores(module: Module, function: ast.AST) -> bool:
    """Return True if the function reads settings before it changes them."""
    return any(
        module.text_of(call.args[0]).lower().startswith("show ")
        for call in module.calls("execute")
        if call.args and module.function_of(call) is function
    )


def _connects(function: ast.AST) -> bool:
    """Return True if the function opens the connection, so that it may configure the session."""
    if not isinstance(function, Function):
        return False
    return "connect" in function.name or any(
        "connect" in last_name(call.func) for call in calls_in(function.body)
    )


def _fetches_all(module: Module, call: ast.Call) -> bool:
    """Return True if the same function fetches all rows from the same cursor afterwards."""
    cursor = ast.dump(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    function = module.function_of(call)
    for later in module.calls("fetchall"):
        if isinstance(later.func, ast.Attribute) and module.function_of(later) is function:
            same = later.func.value is call or ast.dump(later.func.value) == cursor
            if same and later.lineno >= call.lineno:
                return True
    return False


def _is_per_row(module: Module, call: ast.Call, used: set[str]) -> bool:
    """Return True in a loop over rows whose variable the call uses, directly or through assignments."""
    for loop in module.loops_of(call):
        if isinstance(loop, ast.For | ast.AsyncFor) and not _is_short(module.value_of(loop.iter)):
            names = names_in(loop.target)
            for node in ast.walk(loop):
                if isinstance(node, ast.Assign) and names_in(node.value) & names:
                    names |= {name for target in node.targets for name in names_in(target)}
            if names & used:
                return True
    return False


def _is_short(rows: ast.expr) -> bool:
    """Return True for a few rows that are written in the code, and for attempts that are counted."""
    if isinstance(rows, ast.Tuple | ast.List | ast.Dict | ast.Set):
        return True
    return isinstance(rows, ast.Call) and last_name(rows.func) == "range"


def _parts(module: Module, expression: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield each part that is computed, with the text before it in lower case."""
    match expression:
        case ast.JoinedStr(values=values):
            before = ""
            for value in values:
                if isinstance(value, ast.FormattedValue):
                    yield before.lower(), value.value
                    before += "{}"
                elif isinstance(value, ast.Constant):
                    before += str(value.value)
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            parts = right.elts if isinstance(right, ast.Tuple) else [right]
            yield from zip(_befores(module.text_of(left).removesuffix("{}"), PERCENT), parts, strict=False)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _parts(module, left)
            yield module.text_of(left).removesuffix("{}").lower(), right
        case ast.Call(func=ast.Attribute(value=value, attr="format"), args=parts, keywords=named):
            values = [*parts, *(keyword.value for keyword in named)]
            yield from zip(_befores(module.text_of(value), BRACES), values, strict=False)


def _befores(text: str, place: re.Pattern[str]) -> list[str]:
    return [text[: match.start()].lower() for match in place.finditer(text)]


def _is_safe(module: Module, part: ast.expr) -> bool:
    """Return True for constants, numbers, placeholders and parts that are SQL themselves."""
    value = module.value_of(part)
    if isinstance(value, ast.Constant) or (
        isinstance(value, ast.IfExp | ast.JoinedStr) and not names_in(value)
    ):
        return True
    if isinstance(value, ast.Call) and last_name(value.func) in {
        "int",
        "len",
        "float",
        "join",
        "Identifier",
        "SQL",
        "Literal",
        "quote_literal",
    }:
        return True
    if isinstance(value, ast.Attribute) and re.search(r"(?:^|_)(?:id|pk)$", value.attr):
        return True  # a key that the database made
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in CHANGES:
        value = value.func.value
    name = last_name(value.func if isinstance(value, ast.Call) else value) or last_name(part)
    return name.isupper() or bool(FRAGMENT.search(name)) or not _is_from_outside(module, value)


def _is_from_outside(module: Module, value: ast.expr) -> bool:
    """Return True if a parameter of the function, `self` or data of a request goes into the text."""
    function = module.function_of(value)
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return True
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    outside = {argument.arg for argument in arguments if not _is_number(argument.annotation)}
    return bool(names_in(value) & (outside | {"request", "self"}))


def _is_number(annotation: ast.expr | None) -> bool:
    """Return True for the types of numbers and dates, which cannot hold SQL."""
    return annotation is not None and last_name(annotation) in {
        "int",
        "float",
        "bool",
        "datetime",
        "date",
        "Decimal",
    }
