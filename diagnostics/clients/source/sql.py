"""SQL statements that calls send to a database, as far as their text is literal."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from diagnostics.clients.source.module import Module

EXECUTES = (
    "execute",
    "executemany",
    "query",
    "execute_query",
    "fetch",
    "scalar",
    "read_sql",
    "read_sql_query",
)
VERB = re.compile(r"\s*(select|insert|update|delete|with|set|merge|copy|lock|reset)\b", re.IGNORECASE)


class Statement(NamedTuple):
    """Statement and the call that sends it."""

    call: ast.Call
    expression: ast.expr
    text: str
    """Text in lower case, white space collapsed, with `{}` for parts that are computed at run time."""


def statements(module: Module) -> Iterator[Statement]:
    """Yield the statements whose text, or its beginning, is a literal of the file."""
    for call in module.calls(*EXECUTES):
        if call.args:
            text = module.text_of(call.args[0])
            if VERB.match(text):
                yield Statement(call, call.args[0], " ".join(text.lower().split()))
