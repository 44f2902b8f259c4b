"""Rules for returning connections to a pool."""

import ast
from collections.abc import Iterator

from diagnostics.clients.source.module import Module, calls_in, last_name, names_in

ACQUIRING = ("getconn", "get_connection", "acquire")
RELEASING = frozenset({"close", "putconn", "release", "put_connection", "put"})


def with_getconn_leaks(module: Module) -> Iterator[ast.AST]:
    """Yield `with pool.getconn()`: in psycopg2 it ends the transaction and does not return the connection."""
    for block in module.all(ast.With):
        for item in block.items:
            connection = item.context_expr
            if isinstance(connection, ast.Call) and last_name(connection.func) == "getconn":
                yield connection


def connection_not_released(module: Module) -> Iterator[ast.AST]:
    """Yield acquired connections that some path out of the function does not return to the pool."""
    for assign in module.all(ast.Assign):
        match assign:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function) as call):
                if _acquires(module, function) and not _is_released(module, assign, name):
                    yield call


def _acquires(module: Module, function: ast.expr) -> bool:
    name = module.name_of(function).lower()
    return last_name(function) in ACQUIRING and "pool" in name.rpartition(".")[0]


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
    return False


def _releases(call: ast.Call, name: str) -> bool:
    return last_name(call.func) in RELEASING and name in names_in(call)


def _closes(expression: ast.expr, name: str) -> bool:
    """Return True for `with closing(conn)` and similar; `with conn` only ends the transaction."""
    return isinstance(expression, ast.Call) and name in _names(*expression.args)


def _names(*values: ast.expr) -> set[str]:
    """Return the values that are plain names."""
    return {value.id for value in values if isinstance(value, ast.Name)}
