"""Rules for database connections."""

import ast
import re
from collections.abc import Iterator, Sequence

from diagnostics.clients.source.module import Module
from diagnostics.clients.source.tree import calls_in, caught, continues, keywords, last_name, names_in

CONNECTS = frozenset(
    {
        "psycopg2.connect",
        "psycopg.connect",
        "psycopg.Connection.connect",
        "psycopg2.pool.SimpleConnectionPool",
        "psycopg2.pool.ThreadedConnectionPool",
    }
)
CONNECTING = re.compile(r"(?:\w*_)?(?:re)?connect(?:_\w+)?|create_pool|getconn")
OTHER_DATABASES = re.compile(rb"clickhouse|snowflake|bigquery|redshift|teradata", re.IGNORECASE)
"""Systems whose drivers connect for each statement, or which are asked by jobs."""
REASONS = frozenset({"pgcode", "sqlstate", "diag", "args"})
"""Attributes of an error that identify it."""


def connect_no_timeout(module: Module) -> Iterator[ast.AST]:
    """Yield connects without connect_timeout: a host that drops packets blocks them for minutes."""
    if module.runs_once():
        return
    for call in module.calls():
        if module.name_of(call.func) not in CONNECTS or not keywords(call).isdisjoint(
            {"connect_timeout", "**", "async_", "service"}
        ):
            continue
        arguments = (*call.args, *(keyword.value for keyword in call.keywords))
        texts = [module.text_of(argument) for argument in arguments]
        if not any("connect_timeout" in text for text in texts) and not any(
            isinstance(argument, ast.Starred) for argument in arguments
        ):
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
    if module.runs_once():
        return
    for call in module.calls("create_engine", "create_async_engine", "QueuePool"):
        if not module.name_of(call.func).startswith("sqlalchemy."):
            continue
        names = keywords(call)
        if not names.isdisjoint(
            {"pool_pre_ping", "pre_ping", "**", "poolclass", "pool", "creator", "pool_recycle"}
        ):
            continue
        url = module.text_of(call.args[0]) if call.args else ""
        of_other = (url and not url.startswith(("postgres", "{}"))) or OTHER_DATABASES.search(module.source)
        if of_other or module.imports_any("sqlite3", "aiosqlite") or "sqlite" in _text(call):
            continue
        if _lives_long(module, call):
            yield call


def _lives_long(module: Module, call: ast.Call) -> bool:
    """Return True for an engine of a module or an object, or one that a function returns."""
    parent = module.parent(call)
    if isinstance(parent, ast.Assign | ast.AnnAssign) and module.function_of(call) is not module.tree:
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        return any(isinstance(target, ast.Attribute) for target in targets) or _is_global(
            module, call, targets
        )
    return isinstance(parent, ast.Return) or module.function_of(call) is module.tree


def _is_global(module: Module, call: ast.Call, targets: Sequence[ast.expr]) -> bool:
    function = module.function_of(call)
    names = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
    return any(isinstance(target, ast.Name) and target.id in names for target in targets)


def _text(call: ast.Call) -> str:
    """Return the first argument as text, for the name of a database in it."""
    return ast.unparse(call.args[0]).lower() if call.args else ""


def _connects(module: Module, handler: ast.ExceptHandler) -> bool:
    block = next(module.parents(handler))
    body = block.body if isinstance(block, ast.Try | ast.TryStar) else []
    return any(CONNECTING.fullmatch(last_name(call.func)) for call in calls_in(body))


def _inspects_error(handler: ast.ExceptHandler) -> bool:
    """Return True if the handler tests which error it caught."""
    for node in ast.walk(handler):
        if isinstance(node, ast.Attribute) and node.attr in REASONS:
            return True
        if isinstance(node, ast.If | ast.IfExp) and handler.name in names_in(node.test):
            return True
    return False
