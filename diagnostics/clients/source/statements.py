"""Rules for SQL statements: construction, number of rows, session settings."""

import ast
import re
from collections.abc import Iterator

from diagnostics.clients.source.module import Function, Module, calls_in, last_name, names_in
from diagnostics.clients.source.sql import statements

POSTGRES_DRIVERS = ("psycopg2", "psycopg", "asyncpg", "psycopg_pool")
OTHER_DRIVERS = ("sqlite3", "pymysql", "MySQLdb", "mysql", "oracledb", "cx_Oracle", "pyodbc", "aiosqlite")
BUILT = re.compile(r"(select|insert|update|delete|with|merge)\b.*\{\}")
NOT_POSTGRES = re.compile(
    r"\b(?:month|year|day|ifnull|datediff|date_sub|date_add|str_to_date|getdate|nvl|sysdate)\s*\("
    r"|\bon duplicate key\b|\bauto_increment\b|`\w+`|\bselect top \d|\blimit (?:\d+|%s), ?(?:\d+|%s)"
)
TIMEOUT = re.compile(
    r"set (?:session )?(?:statement|lock|idle_in_transaction_session|idle_session)_timeout\b"
)
LIMITED = re.compile(r"\b(?:limit|fetch first|fetch next|group by|count\()")
BY_KEY = re.compile(r"\bwhere (?:\w+\.)?(?:id|\w+_id|key|name) ?=")


def sql_string_build(module: Module) -> Iterator[ast.AST]:
    """Yield statements with values in their text: open to SQL injection, and no plan is reused."""
    for statement in statements(module):
        if BUILT.match(statement.text) and _inserts_values(statement.expression):
            yield statement.call


def insert_per_row(module: Module) -> Iterator[ast.AST]:
    """Yield INSERT statements in a loop over rows: each row costs a round trip."""
    for statement in statements(module):
        if not statement.text.startswith("insert") or last_name(statement.call.func) == "executemany":
            continue
        used = names_in(*statement.call.args[1:], *statement.call.keywords)
        loops = [loop for loop in module.loops_of(statement.call) if isinstance(loop, ast.For | ast.AsyncFor)]
        if any(names_in(loop.target) & used for loop in loops):
            yield statement.call


def executemany_is_a_loop(module: Module) -> Iterator[ast.AST]:
    """Yield `executemany` of psycopg2 with INSERT: it sends row by row."""
    if module.imports_any("psycopg2") and not module.imports_any(*OTHER_DRIVERS, "psycopg", "sqlalchemy"):
        for statement in statements(module):
            if last_name(statement.call.func) == "executemany" and statement.text.startswith("insert"):
                yield statement.call


def unbounded_select(module: Module) -> Iterator[ast.AST]:
    """Yield SELECT statements that fetch all rows of a table."""
    for statement in statements(module):
        text = statement.text
        if not text.startswith("select * from") or LIMITED.search(text) or BY_KEY.search(text):
            continue
        whole = last_name(statement.call.func) == "query" or _fetches_all(module, statement.call)
        if whole and not module.imports_any(*OTHER_DRIVERS):
            yield statement.call


def offset_pagination(module: Module) -> Iterator[ast.AST]:
    """Yield OFFSET in a loop: each page reads all skipped rows again and may miss or repeat rows."""
    for statement in statements(module):
        if " offset " in f"{statement.text} " and module.loops_of(statement.call):
            yield statement.call


def sql_not_postgres(module: Module) -> Iterator[ast.AST]:
    """Yield statements in the dialects of other databases, which PostgreSQL refuses."""
    if module.imports_any(*POSTGRES_DRIVERS) and not module.imports_any(*OTHER_DRIVERS):
        for statement in statements(module):
            if NOT_POSTGRES.search(statement.text):
                yield statement.call


def session_timeout_not_local(module: Module) -> Iterator[ast.AST]:
    """Yield SET of a timeout without LOCAL: the next user of the pooled connection has it too."""
    for statement in statements(module):
        function = module.function_of(statement.call)
        if TIMEOUT.match(statement.text) and not _connects(function):
            yield statement.call


def sql_in_finally(module: Module) -> Iterator[ast.AST]:
    """Yield SQL in `finally`: in an aborted transaction it fails and hides the first error."""
    sent = {statement.call for statement in statements(module)}
    for block in module.all(ast.Try):
        yield from (call for call in calls_in(block.finalbody) if call in sent)


def _connects(function: ast.AST) -> bool:
    """Return True if the function opens the connection, so that it may configure the session."""
    if not isinstance(function, Function):
        return False
    return any(last_name(call.func) in {"connect", "create_connection"} for call in calls_in(function.body))


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


def _inserts_values(expression: ast.expr) -> bool:
    """Return True if values other than constants are formatted into the text."""
    parts = [node for node in ast.walk(expression) if isinstance(node, ast.FormattedValue)]
    if parts:
        return not all(last_name(part.value).isupper() for part in parts)
    match expression:
        case ast.BinOp(right=right):
            return not isinstance(right, ast.Constant) and not last_name(right).isupper()
        case ast.Call(func=ast.Attribute(attr="format")):
            return True
    return False
