"""SQL statements that calls send to a database, as far as their text is literal."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from diagnostics.clients.source.module import Module
from diagnostics.clients.source.tree import last_name

EXECUTES = (
    "execute",
    "executemany",
    "query",
    "execute_query",
    "fetchrow",
    "fetchval",
    "raw",
    "fetch",
    "scalar",
    "read_sql",
    "read_sql_query",
)
VERB = re.compile(r"\s*(select|insert|update|delete|with|set|merge|copy|lock|reset)\b", re.IGNORECASE)


DATABASES = re.compile(
    r"(?:^|_)(?:db|database|conn|connection|session|engine|pool|cursor|cur|curs|pg|postgres|psql|sql|tx|self|cls)$"
)
"""Names of objects whose `query` asks a database."""


class Statement(NamedTuple):
    """Statement and the call that sends it."""

    call: ast.Call
    expression: ast.expr
    text: str
    """Text in lower case, white space collapsed, with `{}` for parts that are computed at run time."""


def statements(module: Module) -> list[Statement]:
    """Return the statements whose text, or its beginning, is a literal of the file."""
    found: list[Statement] | None = module.shared.get("statements")
    if found is None:
        found = module.shared["statements"] = list(_statements(module))
    return found


def _statements(module: Module) -> Iterator[Statement]:
    for call in module.calls(*EXECUTES):
        if call.args and not _asks_a_service(call):
            text = module.text_of(call.args[0])
            if VERB.match(text):
                yield Statement(call, _built(module, call.args[0]), " ".join(text.lower().split()))


def _asks_a_service(call: ast.Call) -> bool:
    """Return True for `query` of an object that is no database by its name, as a client of a service."""
    if last_name(call.func) != "query" or not isinstance(call.func, ast.Attribute):
        return False
    owner = call.func.value.func if isinstance(call.func.value, ast.Call) else call.func.value
    return DATABASES.search(last_name(owner).lower()) is None


def _built(module: Module, expression: ast.expr) -> ast.expr:
    """Return the expression that builds the text: names followed, `text(...)` taken off."""
    expression = module.value_of(expression)
    match expression:
        case ast.Call(func=function, args=[first, *_]) if last_name(function) == "text":
            return module.value_of(first)
    return expression
