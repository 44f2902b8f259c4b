"""Rules about reaching a database."""

import ast
from collections.abc import Iterator

from diagnostics.clients.source.module import Module, calls_in, caught, goes_on, keywords

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
"""Attributes of an error that say what happened."""


def connect_no_timeout(module: Module) -> Iterator[ast.AST]:
    """A host that drops packets keeps `connect` for minutes."""
    for call in module.calls():
        if module.name_of(call.func) not in CONNECTS or not keywords(call).isdisjoint(
            {"connect_timeout", "**"}
        ):
            continue
        texts = (module.text_of(one) for one in (*call.args, *(keyword.value for keyword in call.keywords)))
        if not any("connect_timeout" in text for text in texts):
            yield call


def retries_every_operational_error(module: Module) -> Iterator[ast.AST]:
    """A wrong password is an OperationalError too, and is sent again and again."""
    for handler in module.all(ast.ExceptHandler):
        names = [name.rpartition(".")[2] for name in caught(module, handler)]
        if "OperationalError" not in names or not goes_on(handler) or not module.loops_of(handler):
            continue
        if not _asks_why(handler) and _connects(module, handler):
            yield handler


def pool_no_pre_ping(module: Module) -> Iterator[ast.AST]:
    """A pooled connection that was cut while it was idle fails its next user."""
    for call in module.calls("create_engine", "create_async_engine", "QueuePool"):
        if not module.name_of(call.func).startswith("sqlalchemy."):
            continue
        given = keywords(call)
        if not given.isdisjoint({"pool_pre_ping", "pre_ping", "**", "poolclass", "pool", "creator"}):
            continue
        url = module.text_of(call.args[0]) if call.args else ""
        if url.startswith("postgres") or given & POOL_SIZES:
            yield call


def _connects(module: Module, handler: ast.ExceptHandler) -> bool:
    block = next(module.parents(handler))
    body = block.body if isinstance(block, ast.Try | ast.TryStar) else []
    return any("connect" in module.name_of(call.func).lower() for call in calls_in(body))


def _asks_why(handler: ast.ExceptHandler) -> bool:
    """Whether the handler looks at the error before it goes on."""
    for one in ast.walk(handler):
        if isinstance(one, ast.Attribute) and one.attr in REASONS:
            return True
        if isinstance(one, ast.If | ast.IfExp) and handler.name in {
            name.id for name in ast.walk(one.test) if isinstance(name, ast.Name)
        }:
            return True
    return False
