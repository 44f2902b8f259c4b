"""Tree of the values in a configuration file, each with its line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

MAX_DEPTH = 4
"""Levels of nested tables that are searched for a section."""


class Unreadable(Exception):
    """File that is not valid in the format of its suffix; the message has the line if the parser gives it."""


@dataclass(frozen=True, slots=True)
class EnvRef:
    """Value that the application reads from an environment variable."""

    name: str
    default: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Expression that is not evaluated, because files are parsed and never run."""

    kind: str
    """Kind of the expression; never its text, which may hold a secret."""


Scalar: TypeAlias = str | int | float | bool | Decimal | None
Table: TypeAlias = "dict[str, Node]"
Value: TypeAlias = "Scalar | EnvRef | Unknown | Table | list[Node]"


@dataclass(frozen=True, slots=True)
class Node:
    """Value and its line, counted from 1."""

    value: Value = field(repr=False)
    line: int


def literal(node: Node | None) -> str:
    """Return the literal text of a node, or the default of its environment variable; empty without one."""
    value = node.value if node else None
    text = value.default if isinstance(value, EnvRef) else value
    return text if isinstance(text, str) else ""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Key that occurs twice in one table: the earlier value is lost silently."""

    key: str
    first: int
    second: int
    """Lines of both."""


@dataclass(frozen=True, slots=True)
class Document:
    """Parsed file."""

    root: Table = field(repr=False)
    duplicates: tuple[Duplicate, ...] = ()
    imports: frozenset[str] = frozenset()
    """Names of the modules that a Python file imports."""
    uses: Mapping[str, int] = field(default_factory=dict)
    """Submodules of logging that a Python file uses, and the first line of each use."""


@dataclass(frozen=True, slots=True)
class Section:
    """Table of a file."""

    name: str
    """Dotted path of keys; empty for the root."""
    table: Table = field(repr=False)
    line: int


def tables(root: Table, name: str = "", line: int = 1, depth: int = 0) -> Iterator[Section]:
    """Yield the tables of a file, outer ones first, down to MAX_DEPTH."""
    yield Section(name, root, line)
    if depth < MAX_DEPTH:
        for key, node in root.items():
            if isinstance(node.value, dict):
                yield from tables(node.value, f"{name}.{key}" if name else key, node.line, depth + 1)


def find_section(root: Table, keys: frozenset[str], minimum: int) -> Section | None:
    """Return the table that has most of the keys; None if it has fewer than `minimum` of them."""
    best = max(tables(root), key=lambda section: len(keys & section.table.keys()))
    return best if len(keys & best.table.keys()) >= minimum else None
