"""Reader of TOML 1.0. `tomllib` gives no lines, so they are searched by the keys."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from diagnostics.clients.config.tree import Document, Node, Table, Unreadable, Value
from kb.parsers.malformed import Malformed
from kb.parsers.toml_document import parse_toml

_HEADER = re.compile(r"\s*\[{1,2}([^\[\]]+)\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def read_toml(text: str) -> Document:
    """Parse a document. Raises Unreadable, also for a repeated key, which is not valid TOML."""
    try:
        data = parse_toml(text)
    except Malformed as error:
        raise Unreadable(f"not TOML: {error}") from None
    return Document(_table(data, (), _lines(text), 1))


def _lines(text: str) -> Mapping[tuple[str, ...], int]:
    """Return the first line of each path of keys."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _table(
    data: Mapping[str, Any], path: tuple[str, ...], lines: Mapping[tuple[str, ...], int], line: int
) -> Table:
    """Return a table with lines; `line` is that of the table, for keys whose line is not found."""
    table: Table = {}
    for key, value in data.items():
        own_line = lines.get((*path, key), line)
        table[key] = Node(_value(value, (*path, key), lines, own_line), own_line)
    return table


def _value(value: Any, path: tuple[str, ...], lines: Mapping[tuple[str, ...], int], line: int) -> Value:
    if isinstance(value, dict):
        return _table(value, path, lines, line)
    if isinstance(value, list):
        return [Node(_value(item, path, lines, line), line) for item in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) else None
