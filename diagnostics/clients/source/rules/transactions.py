"""Rules for retrying transactions."""

import ast
import re
from collections.abc import Iterator

from diagnostics.clients.source.module import Module
from diagnostics.clients.source.tree import calls_in, caught, continues, last_name

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
AGAIN = re.compile(r"retry|again|repeat|sleep|requeue|delay|apply_async|fail|abort", re.IGNORECASE)
LEVELS = ("SERIALIZABLE", "REPEATABLE READ")


def retry_without_rollback(module: Module) -> Iterator[ast.AST]:
    """Yield handlers that retry without a rollback: in an aborted transaction every statement fails."""
    for handler in module.all(ast.ExceptHandler):
        if not _catches_conflict(caught(module, handler)) or not continues(handler):
            continue
        block = next(module.parents(handler))
        if not isinstance(block, ast.Try) or not module.loops_of(block):
            continue
        calls = {
            last_name(call.func)
            for call in calls_in(block.body)
            if not (isinstance(call.func, ast.Attribute) and last_name(call.func.value) == "engine")
        }
        handler_calls = {last_name(call.func) for call in calls_in([*handler.body, *block.finalbody])}
        ends = _ends_transaction(block) or handler_calls & {"rollback", "close", "putconn"}
        if "execute" in calls and not ends and not _autocommits(module, block):
            yield handler


def serialization_swallowed(module: Module) -> Iterator[ast.AST]:
    """Yield handlers that drop 40001: the transaction was rolled back and nobody runs it again."""
    yield from _swallowed(module, ("Serialization", "TransactionRollback"))


def deadlock_swallowed(module: Module) -> Iterator[ast.AST]:
    """Yield handlers that drop 40P01: the transaction was rolled back and nobody runs it again."""
    yield from _swallowed(module, ("Deadlock",))


def _swallowed(module: Module, starts: tuple[str, ...]) -> Iterator[ast.AST]:
    for handler in module.all(ast.ExceptHandler):
        names = [name.rpartition(".")[2] for name in caught(module, handler)]
        if not any(name in CONFLICTS and name.startswith(starts) for name in names) or module.loops_of(
            handler
        ):
            continue
        if not any(isinstance(node, ast.Raise | ast.Return) for node in ast.walk(handler)) and not any(
            AGAIN.search(last_name(call.func)) for call in calls_in(handler.body)
        ):
            yield handler


def _autocommits(module: Module, block: ast.Try) -> bool:
    """Return True if the function sets autocommit, where no transaction is left to roll back."""
    function = module.function_of(block)
    outside = re.compile(r"\s*(?:drop|create) database|\s*vacuum", re.IGNORECASE)
    if any(outside.match(module.text_of(call.args[0])) for call in calls_in(block.body) if call.args):
        return True
    return any(
        last_name(node) == "autocommit" or "AUTOCOMMIT" in last_name(node)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
    )


def retry_misses_40001(module: Module) -> Iterator[ast.AST]:
    """Yield handlers that retry only deadlocks: at SERIALIZABLE the usual conflict is 40001."""
    if not any(level in text.upper() for text in _texts(module) for level in LEVELS):
        return
    for handler in module.all(ast.ExceptHandler):
        names = [name.rpartition(".")[2] for name in caught(module, handler)]
        only = bool(names) and all(name.startswith("Deadlock") for name in names)
        retries = continues(handler) and module.loops_of(handler)
        if only and retries and not _catches_serialization(module, handler):
            yield handler


def _catches_conflict(names: list[str]) -> bool:
    for name in names:
        last = name.rpartition(".")[2]
        if last in CONFLICTS or (last in BROAD and name.startswith(DRIVERS)):
            return True
    return False


def _ends_transaction(block: ast.Try) -> bool:
    """Return True if the block opens the connection itself, or a `with` in it ends the transaction."""
    for statement in block.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.With | ast.AsyncWith) and any(
                _is_transaction(item) for item in node.items
            ):
                return True
            if isinstance(node, ast.Call) and last_name(node.func) in {"connect", "getconn"}:
                return True
    return False


def _is_transaction(item: ast.withitem) -> bool:
    """Return False for a cursor; `with` on a connection or on `begin()` ends the transaction."""
    expression = item.context_expr
    return not (isinstance(expression, ast.Call) and last_name(expression.func) == "cursor")


def _catches_serialization(module: Module, handler: ast.ExceptHandler) -> bool:
    """Return True if another handler of the same `try` catches 40001."""
    block = next(module.parents(handler))
    handlers = block.handlers if isinstance(block, ast.Try) else []
    names = [name.rpartition(".")[2] for other in handlers for name in caught(module, other)]
    return any(name.startswith(("Serialization", "TransactionRollback")) for name in names)


def _texts(module: Module) -> Iterator[str]:
    """Yield text constants, and attributes that name an isolation level."""
    for constant in module.all(ast.Constant):
        if isinstance(constant.value, str):
            yield constant.value
    for attribute in module.all(ast.Attribute):
        if "ISOLATION" in attribute.attr:
            yield attribute.attr.replace("_", " ")
