"""Configuration in YAML: the safe types only, with lines, keys that stand twice, and a bound on aliases.

yaml costs 20 ms to import, so it is imported when a file needs it.
"""

from datetime import date, datetime
from typing import Any

from diagnostics.clients.config.tree import Document, Duplicate, Node, Table, Unknown, Unreadable, Value

MOST_NODES = 20_000
"""An alias is a few bytes that stand for a tree: a small file can mean a large one."""


def read_yaml(text: str) -> Document:
    """Read a document whose top is a mapping. Raises Unreadable, RecursionError."""
    import yaml  # noqa: PLC0415  see above

    try:
        loader = yaml.SafeLoader(text)
        top = loader.get_single_node()
        reader = _Reader(loader)
        root = reader.value(top) if top else {}
    except yaml.YAMLError as error:
        raise Unreadable(f"not YAML: {_said(error)}") from None
    except ValueError as error:
        raise Unreadable(f"not YAML: {error}") from None
    if not isinstance(root, dict):
        raise Unreadable("not a mapping at the top")
    return Document(root, tuple(reader.duplicates))


def _said(error: Any) -> str:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or type(error).__name__
    return f"{what}, line {mark.line + 1}" if mark else str(what)


class _Reader:
    def __init__(self, loader: Any) -> None:
        self.duplicates: list[Duplicate] = []
        self._loader = loader
        self._left = MOST_NODES

    def value(self, node: Any) -> Value:
        self._left -= 1
        if self._left < 0:
            raise Unreadable(f"more than {MOST_NODES} values; aliases that multiply are no configuration")
        if node.id == "mapping":
            return self._table(node)
        if node.id == "sequence":
            return [Node(self.value(one), one.start_mark.line + 1) for one in node.value]
        return self._scalar(node)

    def _table(self, node: Any) -> Table:
        found: Table = {}
        merged: Table = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag == "tag:yaml.org,2002:merge":
                held = self.value(value)
                merged |= held if isinstance(held, dict) else {}
                continue
            name = str(key.value) if key.id == "scalar" else "?"
            if name in found:
                self.duplicates.append(Duplicate(name, found[name].line, line))
            found[name] = Node(self.value(value), line)
        return merged | found

    def _scalar(self, node: Any) -> Value:
        if node.tag not in self._loader.yaml_constructors:
            return Unknown(f"a value tagged {node.tag}")
        made = self._loader.construct_object(node)
        if isinstance(made, date | datetime):
            return made.isoformat()
        return (
            made if made is None or isinstance(made, str | int | float | bool) else Unknown("a binary value")
        )
