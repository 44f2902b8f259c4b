"""Reader of YAML: safe types only, with lines, repeated keys and a limit on expanded aliases.

The import of yaml takes 20 ms, so it is imported only when a file needs it.
"""

from datetime import date, datetime
from typing import Any

from diagnostics.clients.config.tree import Document, Duplicate, Node, Table, Unknown, Unreadable, Value
from kb.parsers.malformed import Malformed
from kb.parsers.yaml_document import CONVERSION_ERRORS, check_limits

MAX_NODES = 20_000
"""Values of a document with its aliases expanded: a small file can expand to a very large tree."""


def read_yaml(text: str) -> Document:
    """Parse a document whose root is a mapping. Raises Unreadable, RecursionError."""
    import yaml  # noqa: PLC0415  see above

    try:
        check_limits(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        loader = yaml.SafeLoader(text)
        top = loader.get_single_node()
        reader = _Reader(loader)
        root = reader.value(top) if top else {}
    except yaml.YAMLError as error:
        raise Unreadable(f"not YAML: {_error_text(error)}") from None
    except Malformed as error:
        raise Unreadable(f"not YAML: {error}, line {error.line}") from None
    except CONVERSION_ERRORS as error:
        raise Unreadable(f"not YAML: a value cannot be read as its type: {type(error).__name__}") from None
    if not isinstance(root, dict):
        raise Unreadable("not a mapping at the top")
    return Document(root, tuple(reader.duplicates))


def _error_text(error: Any) -> str:
    """Return problem and line without the excerpt that yaml adds, which may hold a secret."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or type(error).__name__
    return f"{problem}, line {mark.line + 1}" if mark else str(problem)


class _Reader:
    """Converts the nodes of yaml and collects repeated keys."""

    def __init__(self, loader: Any) -> None:
        self.duplicates: list[Duplicate] = []
        self._loader = loader
        self._left = MAX_NODES

    def value(self, node: Any) -> Value:
        self._left -= 1
        if self._left < 0:
            raise Unreadable(
                f"more than {MAX_NODES} values: its aliases expand to more than a configuration has"
            )
        if node.id == "mapping":
            return self._table(node)
        if node.id == "sequence":
            return [Node(self.value(item), item.start_mark.line + 1) for item in node.value]
        return self._scalar(node)

    def _table(self, node: Any) -> Table:
        table: Table = {}
        merged: Table = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag == "tag:yaml.org,2002:merge":
                referenced = self.value(value)
                merged |= referenced if isinstance(referenced, dict) else {}
                continue
            name = str(key.value) if key.id == "scalar" else "?"
            if name in table:
                self.duplicates.append(Duplicate(name, table[name].line, line))
            table[name] = Node(self.value(value), line)
        return merged | table

    def _scalar(self, node: Any) -> Value:
        if node.tag not in self._loader.yaml_constructors:
            return Unknown(f"a value tagged {node.tag}")
        value = self._loader.construct_object(node)
        if isinstance(value, date | datetime):
            return value.isoformat()
        if value is None or isinstance(value, str | int | float | bool):
            return value
        return Unknown("a binary value")
