"""Rules about trying a transaction again."""

import ast
from collections.abc import Iterator

from diagnostics.clients.source.module import Module, calls_in, caught, goes_on, last_name

CONFLICTS = frozenset(
    {
        "DeadlockDetected",
        "DeadlockDetectedError",
        "SerializationFailure",
        "SerializationError",
        "TransactionRollbackError",
        "TransactionRollback",
    }
)
DRIVERS = ("psycopg2.", "psycopg.", "asyncpg.", "sqlalchemy.")
BROAD = frozenset({"Error", "DatabaseError", "OperationalError", "DBAPIError"})
LEVELS = ("SERIALIZABLE", "REPEATABLE READ")


def retry_without_rollback(module: Module) -> Iterator[ast.AST]:
    """The transaction is still the aborted one: no further attempt can succeed."""
    for handler in module.all(ast.ExceptHandler):
        if not _of_conflicts(caught(module, handler)) or not goes_on(handler):
            continue
        block = next(module.parents(handler))
        if not isinstance(block, ast.Try) or not module.loops_of(block):
            continue
        done = {last_name(call.func) for call in calls_in(block.body)}
        ended = {last_name(call.func) for call in calls_in([*handler.body, *block.finalbody])}
        if "execute" in done and not _ends_itself(block) and not ended & {"rollback", "close", "putconn"}:
            yield handler


def retry_misses_40001(module: Module) -> Iterator[ast.AST]:
    """At SERIALIZABLE the usual conflict is 40001, not a deadlock."""
    if not any(level in text.upper() for text in _texts(module) for level in LEVELS):
        return
    for handler in module.all(ast.ExceptHandler):
        names = [name.rpartition(".")[2] for name in caught(module, handler)]
        only = bool(names) and all(name.startswith("Deadlock") for name in names)
        if only and goes_on(handler) and module.loops_of(handler) and not _others(module, handler):
            yield handler


def _of_conflicts(names: list[str]) -> bool:
    for name in names:
        last = name.rpartition(".")[2]
        if last in CONFLICTS or (last in BROAD and name.startswith(DRIVERS)):
            return True
    return False


def _ends_itself(block: ast.Try) -> bool:
    """Whether the connection is opened within, or a `with` around the statements ends the transaction."""
    for one in block.body:
        for node in ast.walk(one):
            if isinstance(node, ast.With | ast.AsyncWith) and any(_ends(item) for item in node.items):
                return True
            if isinstance(node, ast.Call) and last_name(node.func) in {"connect", "getconn"}:
                return True
    return False


def _ends(item: ast.withitem) -> bool:
    """A cursor's block ends only the cursor; that of a connection or of `begin()` ends the transaction."""
    expression = item.context_expr
    return not (isinstance(expression, ast.Call) and last_name(expression.func) == "cursor")


def _others(module: Module, handler: ast.ExceptHandler) -> bool:
    """Whether the same `try` catches 40001 elsewhere."""
    block = next(module.parents(handler))
    handlers = block.handlers if isinstance(block, ast.Try) else []
    names = [name.rpartition(".")[2] for one in handlers for name in caught(module, one)]
    return any(name.startswith(("Serialization", "TransactionRollback")) for name in names)


def _texts(module: Module) -> Iterator[str]:
    for constant in module.all(ast.Constant):
        if isinstance(constant.value, str):
            yield constant.value
    yield from (name.attr.replace("_", " ") for name in module.all(ast.Attribute) if "ISOLATION" in name.attr)
