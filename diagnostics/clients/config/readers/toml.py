"""Configuration in TOML 1.0. `tomllib` gives no lines, so they are found by the keys."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from diagnostics.clients.config.tree import Document, Node, Table, Unreadable, Value

_HEADER = re.compile(r"\s*\[{1,2}([^\[\]]+)\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def read_toml(text: str) -> Document:
    """Read a document. Raises Unreadable; a key that stands twice is no TOML."""
    try:
        data = tomllib.loads(text)
    except ValueError as error:
        raise Unreadable(f"not TOML: {error}") from None
    return Document(_table(data, (), _lines(text), 1))


def _lines(text: str) -> Mapping[tuple[str, ...], int]:
    """The first line on which each key path is written."""
    found: dict[tuple[str, ...], int] = {}
    inside: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            inside = _parts(header[1])
            found.setdefault(inside, number)
        elif key := _KEY.match(line):
            found.setdefault((*inside, *_parts(key[1])), number)
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _table(
    data: Mapping[str, Any], path: tuple[str, ...], lines: Mapping[tuple[str, ...], int], line: int
) -> Table:
    found: Table = {}
    for key, value in data.items():
        at = lines.get((*path, key), line)
        found[key] = Node(_value(value, (*path, key), lines, at), at)
    return found


def _value(value: Any, path: tuple[str, ...], lines: Mapping[tuple[str, ...], int], line: int) -> Value:
    if isinstance(value, dict):
        return _table(value, path, lines, line)
    if isinstance(value, list):
        return [Node(_value(one, path, lines, line), line) for one in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) else None
