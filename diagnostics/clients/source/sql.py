"""What a call sends to a database, as far as its text is written there."""

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
    """A statement and the call that sends it."""

    call: ast.Call
    expression: ast.expr
    text: str
    """In lower case, one space for any white space, `{}` where something is put in when it runs."""


def statements(module: Module) -> Iterator[Statement]:
    """Every statement whose text, or its beginning, stands in the file."""
    for call in module.calls(*EXECUTES):
        if call.args:
            text = module.text_of(call.args[0])
            if VERB.match(text):
                yield Statement(call, call.args[0], " ".join(text.lower().split()))
