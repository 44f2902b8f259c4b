"""Rules about giving connections back."""

import ast
from collections.abc import Iterator

from diagnostics.clients.source.module import Module, calls_in, last_name, names_in

TAKES = ("getconn", "get_connection", "acquire")
GIVES = frozenset({"close", "putconn", "release", "put_connection", "put"})


def with_getconn_leaks(module: Module) -> Iterator[ast.AST]:
    """`with` on a connection of psycopg2 ends a transaction; it does not give the connection back."""
    for block in module.all(ast.With):
        for item in block.items:
            taken = item.context_expr
            if isinstance(taken, ast.Call) and last_name(taken.func) == "getconn":
                yield taken


def connection_not_released(module: Module) -> Iterator[ast.AST]:
    """On some way out of the function the connection is not given back."""
    for assign in module.all(ast.Assign):
        match assign:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function) as call):
                if _of_pool(module, function) and not _given_back(module, assign, name):
                    yield call


def _of_pool(module: Module, function: ast.expr) -> bool:
    whole = module.name_of(function).lower()
    return last_name(function) in TAKES and "pool" in whole.rpartition(".")[0]


def _given_back(module: Module, assign: ast.Assign, name: str) -> bool:
    """Whether a `finally` gives it back, a `with` does, or it goes on to somebody else."""
    function = module.function_of(assign)
    for node in ast.walk(function):
        if isinstance(node, ast.Return | ast.Yield) and node.value and name in _handed_on(node.value):
            return True
        if isinstance(node, ast.Try) and any(_gives(call, name) for call in calls_in(node.finalbody)):
            return True
        if isinstance(node, ast.withitem) and _closes(node.context_expr, name):
            return True
        if isinstance(node, ast.Assign) and name in _handed_on(node.value):
            return True
    return False


def _gives(call: ast.Call, name: str) -> bool:
    return last_name(call.func) in GIVES and name in names_in(call)


def _closes(expression: ast.expr, name: str) -> bool:
    """`with closing(conn)` and the like; `with conn` alone ends the transaction only."""
    return isinstance(expression, ast.Call) and name in _handed_on(*expression.args)


def _handed_on(*values: ast.expr) -> set[str]:
    """Names that are passed on as they are, not asked for something."""
    return {value.id for value in values if isinstance(value, ast.Name)}
