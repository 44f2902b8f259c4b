"""Rules for returning connections to a pool."""

import ast
import re
from collections.abc import Iterator

from diagnostics.clients.source.module import Module
from diagnostics.clients.source.tree import calls_in, last_name, names_in

ACQUIRING = ("getconn", "get_connection", "acquire")
KEEPING = frozenset({"append", "add", "setattr", "enter_context", "enter_async_context", "push"})
OF_A_FILE = re.compile(rb"PRAGMA|^import sqlite3|sqlite://", re.MULTILINE)
SCHEMA = frozenset(
    {"Inspector", "MetaData", "DropTable", "DropConstraint", "CreateTable", "create_all", "drop_all"}
)
RELEASING = frozenset({"close", "putconn", "release", "put_connection", "put"})


def with_getconn_leaks(module: Module) -> Iterator[ast.AST]:
    """Yield `with pool.getconn()`: in psycopg2 it ends the transaction and does not return the connection."""
    for block in module.all(ast.With):
        for item in block.items:
            connection = item.context_expr
            if isinstance(connection, ast.Call) and last_name(connection.func) == "getconn":
                returns = any(last_name(call.func) == "putconn" for call in calls_in(block.body))
                if not returns and not _put_back(module, block):
                    yield connection


def connection_not_released(module: Module) -> Iterator[ast.AST]:
    """Yield acquired connections that some path out of the function does not return to the pool."""
    if module.runs_once() or module.is_command() or OF_A_FILE.search(module.source):
        return  # a command ends soon, and a file has no slots
    for assign in module.all(ast.Assign):
        call = assign.value.value if isinstance(assign.value, ast.Await) else assign.value
        target = assign.targets[0]
        if module.function_of(assign) is module.tree:
            continue  # a connection for as long as the process lives
        if not isinstance(target, ast.Name) or not isinstance(call, ast.Call):
            continue
        if _changes_schema(module, assign):
            continue
        if _acquires(module, call.func) and not _is_released(module, assign, target.id):
            yield call


def _changes_schema(module: Module, assign: ast.Assign) -> bool:
    """Return True in a function that makes or drops tables, which runs alone and once."""
    return any(
        last_name(node) in SCHEMA or (isinstance(node, ast.Call) and last_name(node.func) == "read")
        for node in ast.walk(module.function_of(assign))
        if isinstance(node, ast.Name | ast.Attribute | ast.Call)
    )


def _put_back(module: Module, block: ast.With) -> bool:
    """Return True if a `try` around the block gives the connection back."""
    return any(
        isinstance(parent, ast.Try)
        and any(last_name(call.func) == "putconn" for call in calls_in(parent.finalbody))
        for parent in module.parents(block)
    )


def _acquires(module: Module, function: ast.expr) -> bool:
    method = last_name(function)
    if not isinstance(function, ast.Attribute) or method not in (*ACQUIRING, "connect", "raw_connection"):
        return False
    owner = module.name_of(function.value).lower()
    if method in ACQUIRING:
        return "pool" in owner
    return module.maker_of(function.value).startswith("sqlalchemy.") or last_name(function.value) == "engine"


def _is_released(module: Module, assign: ast.Assign, name: str) -> bool:
    """Return True if `finally` or `with` releases the connection, or it is returned or stored elsewhere."""
    function = module.function_of(assign)
    for node in ast.walk(function):
        if isinstance(node, ast.Return | ast.Yield) and node.value and name in _names(node.value):
            return True
        if isinstance(node, ast.Try) and any(_releases(call, name) for call in calls_in(node.finalbody)):
            return True
        if isinstance(node, ast.withitem) and _closes(node.context_expr, name):
            return True
        if isinstance(node, ast.Assign) and name in _names(node.value):
            return True
        if isinstance(node, ast.Call) and name in _names(*node.args) and last_name(node.func) in KEEPING:
            return True
    return False


def _releases(call: ast.Call, name: str) -> bool:
    return last_name(call.func) in RELEASING and name in names_in(call)


def _closes(expression: ast.expr, name: str) -> bool:
    """Return True for `with closing(conn)` and similar; `with conn` only ends the transaction."""
    return isinstance(expression, ast.Call) and name in _names(*expression.args)


def _names(*values: ast.expr) -> set[str]:
    """Return the values that are plain names."""
    return {value.id for value in values if isinstance(value, ast.Name)}
