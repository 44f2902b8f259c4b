"""What a configuration file says: a tree of values, each with the line that it stands on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

DEEPEST = 4
"""Tables within tables that are looked into for a section."""


class Unreadable(Exception):
    """A file cannot be read as what its name says; the message names the line where the parser gives it."""


@dataclass(frozen=True, slots=True)
class EnvRef:
    """A value that the application takes from its environment."""

    name: str
    default: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """An expression that is not evaluated, because files are read and never run."""

    what: str
    """What kind of expression stands there; never its text, which may hold a secret."""


Scalar: TypeAlias = str | int | float | bool | Decimal | None
Table: TypeAlias = "dict[str, Node]"
Value: TypeAlias = "Scalar | EnvRef | Unknown | Table | list[Node]"


@dataclass(frozen=True, slots=True)
class Node:
    """One value and its line, counted from 1."""

    value: Value = field(repr=False)
    line: int


def literal(node: Node | None) -> str:
    """The text that stands in the file, be it only the default of a variable; empty where there is none."""
    value = node.value if node else None
    text = value.default if isinstance(value, EnvRef) else value
    return text if isinstance(text, str) else ""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A key that stands twice in one table: the earlier value is lost silently."""

    key: str
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Document:
    """One file."""

    root: Table = field(repr=False)
    duplicates: tuple[Duplicate, ...] = ()
    imports: frozenset[str] = frozenset()
    """Modules that a Python file imports by name."""
    uses: Mapping[str, int] = field(default_factory=dict)
    """Submodules of logging that a Python file names, and the first line where it does."""


@dataclass(frozen=True, slots=True)
class Section:
    """A table of a file and what it is called there."""

    name: str
    table: Table = field(repr=False)
    line: int


def tables(root: Table, name: str = "", line: int = 1, depth: int = 0) -> Iterator[Section]:
    """The tables of a file, the outer ones first, at most four deep."""
    yield Section(name, root, line)
    if depth < DEEPEST:
        for key, node in root.items():
            if isinstance(node.value, dict):
                yield from tables(node.value, f"{name}.{key}" if name else key, node.line, depth + 1)


def section(root: Table, known: frozenset[str], least: int) -> Section | None:
    """The table that has most of the known keys, if it has `least` of them: its keys tell what it is."""
    best = max(tables(root), key=lambda one: len(known & one.table.keys()))
    return best if len(known & best.table.keys()) >= least else None
