"""Environments in files of deployments: `environment` of Compose, ConfigMap and Secret, lists of variables.

Source: Compose specification, services; Kubernetes API, ConfigMap, Secret, EnvVar; app.json and render.yaml.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import replace

from diagnostics.clients.config.readers.env import typed
from diagnostics.clients.config.tree import Document, EnvRef, Node, Table, Texts, Unknown, Unreadable, Value

ENVIRONMENTS = frozenset({"environment", "env", "envs", "envVars", "env_vars", "variables"})
"""Keys whose value is an environment, as a mapping or as a list."""
NAMES = ("name", "key")
"""Keys of the name in a list of variables."""
DESCRIPTIONS = frozenset(
    {"value", "description", "required", "generator", "sync", "valueFrom", "fromDatabase"}
)
"""Keys of a table that describes one variable."""
MAX_DEPTH = 40
Reader = Callable[[str], Document]


def with_environments(document: Document, reader_of: Callable[[str], Reader | None]) -> Document:
    """Return the document with its environments as tables of texts.

    `reader_of` returns the reader for the name of a file, which values of a ConfigMap may be.
    """
    root = _table(document.root, reader_of, 0)
    return replace(document, root=root)


def _table(table: Table, reader_of: Callable[[str], Reader | None], depth: int) -> Table:
    made: Table = Texts() if isinstance(table, Texts) else {}
    kind = table["kind"].value if "kind" in table else None
    for key, node in table.items():
        if kind in {"ConfigMap", "Secret"} and key in {"data", "stringData"}:
            made[key] = replace(
                node, value=_data(node.value, reader_of, encoded=(kind, key) == ("Secret", "data"))
            )
        elif key in ENVIRONMENTS and (environment := _environment(node)) is not None:
            made[key] = replace(node, value=environment)
        else:
            made[key] = replace(node, value=_inner(node.value, reader_of, depth))
    return made


def _inner(value: Value, reader_of: Callable[[str], Reader | None], depth: int) -> Value:
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, dict):
        return _table(value, reader_of, depth + 1)
    if isinstance(value, list):
        return [replace(node, value=_inner(node.value, reader_of, depth + 1)) for node in value]
    return value


def _environment(node: Node) -> Texts | None:
    """Return the variables of an environment; None if the value is not one."""
    if isinstance(node.value, dict):
        table = {key: replace(item, value=_text(item.value)) for key, item in node.value.items()}
        return (
            Texts(table) if all(not isinstance(item.value, dict | list) for item in table.values()) else None
        )
    if not isinstance(node.value, list):
        return None
    pairs = [_pair(item) for item in node.value]
    return Texts(dict(filter(None, pairs))) if all(pairs) else None


def _pair(item: Node) -> tuple[str, Node] | None:
    """Return name and value of an item: `A=b`, `A`, or a table with a name."""
    if isinstance(item.value, str):
        name, separator, text = item.value.partition("=")
        return name, Node(typed(text) if separator else EnvRef(name), item.line)
    if not isinstance(item.value, dict):
        return None
    name_node = next((item.value[key] for key in NAMES if key in item.value), None)
    if name_node is None or not isinstance(name_node.value, str):
        return None
    value = item.value.get("value")
    given = _text(value.value) if value else Unknown("a value that the deployment sets")
    return name_node.value, Node(given, name_node.line)


def _text(value: Value) -> Value:
    """Return the value of one variable; one that is only described is set by the deployment."""
    if isinstance(value, dict) and value.keys() <= DESCRIPTIONS:
        given = value.get("value")
        return _text(given.value) if given else Unknown("a value that the deployment sets")
    return typed(value) if isinstance(value, str) else value


def _data(value: Value, reader_of: Callable[[str], Reader | None], *, encoded: bool) -> Value:
    """Return the entries of a ConfigMap or Secret; an entry that is a whole file becomes its table."""
    if not isinstance(value, dict):
        return value
    table = Texts()
    for key, node in value.items():
        text = _decoded(node.value) if encoded else node.value
        table[key] = replace(node, value=_file(key, text, node.line, reader_of))
    return table


def _decoded(value: Value) -> Value:
    """Return the text of a base64 value; Unknown for other bytes."""
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        return Unknown("a value that is not base64 of a text")


def _file(name: str, value: Value, line: int, reader_of: Callable[[str], Reader | None]) -> Value:
    """Return the table of a file that is the value of a key, else the value."""
    reader = reader_of(name) if isinstance(value, str) and "\n" in value else None
    if reader is None or not isinstance(value, str):
        return typed(value.strip()) if isinstance(value, str) else value
    try:
        return _moved(reader(value).root, line)
    except (Unreadable, RecursionError, MemoryError):
        return Unknown("a file that cannot be read")


def _moved(table: Mapping[str, Node], lines: int) -> Table:
    """Return a table whose lines are counted from the beginning of the file that contains it."""
    moved: Table = Texts() if isinstance(table, Texts) else {}
    for key, node in table.items():
        inner = _moved(node.value, lines) if isinstance(node.value, dict) else node.value
        moved[key] = Node(inner, node.line + lines)
    return moved
