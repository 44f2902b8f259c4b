"""Rules for database connections."""

import ast
from collections.abc import Iterator

from diagnostics.clients.source.module import Module, calls_in, caught, continues, keywords, names_in

CONNECTS = frozenset(
    {
        "psycopg2.connect",
        "psycopg.connect",
        "psycopg.Connection.connect",
        "psycopg2.pool.SimpleConnectionPool",
        "psycopg2.pool.ThreadedConnectionPool",
    }
)
POOL_SIZES = frozenset({"pool_size", "max_overflow", "pool_recycle"})
REASONS = frozenset({"pgcode", "sqlstate", "diag", "args"})
"""Attributes of an error that identify it."""


def connect_no_timeout(module: Module) -> Iterator[ast.AST]:
    """Yield connects without connect_timeout: a host that drops packets blocks them for minutes."""
    for call in module.calls():
        if module.name_of(call.func) not in CONNECTS or not keywords(call).isdisjoint(
            {"connect_timeout", "**"}
        ):
            continue
        arguments = (*call.args, *(keyword.value for keyword in call.keywords))
        texts = map(module.text_of, arguments)
        if not any("connect_timeout" in text for text in texts):
            yield call


def retries_every_operational_error(module: Module) -> Iterator[ast.AST]:
    """Yield handlers that retry after any OperationalError: a wrong password is one too."""
    for handler in module.all(ast.ExceptHandler):
        names = [name.rpartition(".")[2] for name in caught(module, handler)]
        if "OperationalError" not in names or not continues(handler) or not module.loops_of(handler):
            continue
        if not _inspects_error(handler) and _connects(module, handler):
            yield handler


def pool_no_pre_ping(module: Module) -> Iterator[ast.AST]:
    """Yield pools without pre_ping: a connection that was closed while idle fails its next use."""
    for call in module.calls("create_engine", "create_async_engine", "QueuePool"):
        if not module.name_of(call.func).startswith("sqlalchemy."):
            continue
        names = keywords(call)
        if not names.isdisjoint({"pool_pre_ping", "pre_ping", "**", "poolclass", "pool", "creator"}):
            continue
        url = module.text_of(call.args[0]) if call.args else ""
        if url.startswith("postgres") or names & POOL_SIZES:
            yield call


def _connects(module: Module, handler: ast.ExceptHandler) -> bool:
    block = next(module.parents(handler))
    body = block.body if isinstance(block, ast.Try | ast.TryStar) else []
    return any("connect" in module.name_of(call.func).lower() for call in calls_in(body))


def _inspects_error(handler: ast.ExceptHandler) -> bool:
    """Return True if the handler tests which error it caught."""
    for node in ast.walk(handler):
        if isinstance(node, ast.Attribute) and node.attr in REASONS:
            return True
        if isinstance(node, ast.If | ast.IfExp) and handler.name in names_in(node.test):
            return True
    return False
