"""Tree of the values in a configuration file, each with its line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

MAX_DEPTH = 8
"""Levels of nested tables that are searched for a section."""


class Unreadable(Exception):
    """File that is not valid in the format of its suffix; the message has the line if the parser gives it."""


@dataclass(frozen=True, slots=True)
class EnvRef:
    """Value that the application reads from an environment variable."""

    name: str
    default: "Value" = field(default=None, repr=False)
    """Value that the application takes while the variable is not set; None if the file gives none."""


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
    origin: str = ""
    """Place that the value comes from, if it stands elsewhere: a name, a variable or a file."""


class Texts(dict[str, Node]):
    """Table of an environment: its values were texts, so that `1,2` may be a list and `"5"` a number."""


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
    classes: Mapping[str, str] = field(default_factory=dict)
    """Classes of a Python file: `settings`, `plain` (nothing but values) or `code`."""
    is_program: bool = False
    """True for a Python file with functions, or with statements for running it by itself."""


@dataclass(frozen=True, slots=True)
class Section:
    """Table of a file."""

    name: str
    """Dotted path of keys; empty for the root."""
    table: Table = field(repr=False)
    line: int


def tables(root: Table) -> Iterator[Section]:
    """Yield the tables of a file, also those in lists, outer ones first, down to MAX_DEPTH levels."""
    yield from _tables(Node(root, 1), "", 0)


def _tables(node: Node, name: str, depth: int) -> Iterator[Section]:
    if isinstance(node.value, dict):
        yield Section(name, node.value, node.line)
        children = [(f"{name}.{key}".lstrip("."), child) for key, child in node.value.items()]
    elif isinstance(node.value, list):
        children = [(f"{name}[{number}]", child) for number, child in enumerate(node.value)]
    else:
        return
    if depth < MAX_DEPTH:
        for path, child in children:
            yield from _tables(child, path, depth + isinstance(node.value, dict))
