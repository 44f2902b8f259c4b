"""Reader of JSON (RFC 8259): values from parse_json, and the line of every key and value.

PyYAML would give lines too, but it is not a superset of JSON: it refuses tabs as indentation and keys of
more than 1024 characters.
"""

import re
from collections.abc import Iterator
from math import isinf
from typing import Any

from diagnostics.clients.config.tree import Document, Duplicate, Node, Table, Unreadable, Value
from kb.parsers.json_document import parse_json
from kb.parsers.malformed import Malformed

_START = re.compile(r'"(?:[^"\\]|\\.)*"|[{\[]|[^\s{}\[\],:"]+')
"""Key, or first token of a value, in a text that parse_json accepts."""


class _Members(list[tuple[str, Any]]):
    """Members of one object in the order of the text, repeated keys included."""


def read_json(text: str) -> Document:
    """Parse a document whose top-level value is an object. Raises Unreadable, RecursionError."""
    try:
        top = parse_json(text, members=_Members)
    except Malformed as error:
        raise Unreadable(f"not JSON: {error}") from None
    if not isinstance(top, _Members):
        raise Unreadable("not a JSON object at the top")
    lines = _lines(text)
    next(lines)  # the opening brace
    duplicates: list[Duplicate] = []
    return Document(_table(top, lines, duplicates), tuple(duplicates))


def _lines(text: str) -> Iterator[int]:
    """Yield the line of each key and each value, in the order of the text."""
    line, end = 1, 0
    for match in _START.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        yield line


def _table(members: _Members, lines: Iterator[int], duplicates: list[Duplicate]) -> Table:
    table: Table = {}
    for key, value in members:
        line = next(lines)
        if key in table:
            duplicates.append(Duplicate(key, table[key].line, line))
        table[key] = Node(_node(value, lines, duplicates).value, line)
    return table


def _node(value: Any, lines: Iterator[int], duplicates: list[Duplicate]) -> Node:
    line = next(lines)
    if isinstance(value, _Members):
        return Node(_table(value, lines, duplicates), line)
    if isinstance(value, list):
        return Node([_node(item, lines, duplicates) for item in value], line)
    if isinstance(value, float) and isinf(value):
        raise Unreadable(f"a number that is too large: line {line}")
    scalar: Value = value
    return Node(scalar, line)
