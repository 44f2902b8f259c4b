"""Dictionary for `logging.config.dictConfig` of the ini file that `logging.config.fileConfig` reads.

Source: Python, "logging.config", Configuration file format.
"""

import ast
import importlib
import inspect
from collections.abc import Iterator, Mapping

from diagnostics.clients.config.tree import Node, Table, Texts, literal

SECTIONS = ("loggers", "handlers", "formatters")
STREAMS = {"sys.stdout": "ext://sys.stdout", "sys.stderr": "ext://sys.stderr"}


def logging_tables(root: Table) -> Iterator[tuple[str, Table, int]]:
    """Yield name, dictionary and line of the logging configuration of an ini file, if it has one."""
    if not isinstance(root, Texts) or not all(_table(root, name) for name in SECTIONS[:2]):
        return
    line = root["loggers"].line
    loggers = dict(_entries(root, "logger"))
    table: Table = {
        "version": Node(1, line),
        # fileConfig takes it as an argument, so the file does not say it.
        "disable_existing_loggers": Node(value=False, line=line),
        "formatters": Node({name: _formatter(node) for name, node in _entries(root, "formatter")}, line),
        "handlers": Node({name: _handler(node) for name, node in _entries(root, "handler")}, line),
    }
    if "root" in loggers:
        table["root"] = _logger(loggers.pop("root"))
    table["loggers"] = Node({_qualified(name, node): _logger(node) for name, node in loggers.items()}, line)
    yield "loggers", table, line


def _table(root: Table, name: str) -> Table:
    node = root.get(name)
    return node.value if node and isinstance(node.value, dict) else {}


def _entries(root: Table, kind: str) -> Iterator[tuple[str, Node]]:
    """Yield name and section of each entry that `keys` lists."""
    for name in _words(_table(root, f"{kind}s").get("keys")):
        node = root.get(f"{kind}_{name}")
        if node and isinstance(node.value, dict):
            yield name, node


def _words(node: Node | None) -> list[str]:
    return [word.strip() for word in literal(node).split(",") if word.strip()]


def _members(node: Node) -> Table:
    return node.value if isinstance(node.value, dict) else {}


def _qualified(name: str, node: Node) -> str:
    return literal(_members(node).get("qualname")) or name


def _logger(node: Node) -> Node:
    table = _members(node)
    made: Table = {
        "handlers": Node([Node(name, node.line) for name in _words(table.get("handlers"))], node.line)
    }
    if level := literal(table.get("level")):
        made["level"] = Node(level, table["level"].line)
    if "propagate" in table:
        made["propagate"] = Node(str(table["propagate"].value) not in {"0", "False"}, node.line)
    return Node(made, node.line)


def _formatter(node: Node) -> Node:
    keys = {"format": "format", "datefmt": "datefmt", "class": "class", "style": "style"}
    table = _members(node)
    return Node({ours: table[key] for key, ours in keys.items() if literal(table.get(key))}, node.line)


def _handler(node: Node) -> Node:
    table = _members(node)
    name = literal(table.get("class"))
    qualified = name if "." in name and not name.startswith("handlers.") else f"logging.{name}"
    line = table["class"].line if "class" in table else node.line
    made: Table = {"class": Node(qualified, line)}
    for key in ("level", "formatter"):
        if literal(table.get(key)):
            made[key] = table[key]
    for key, value in _arguments(qualified, literal(table.get("args"))).items():
        made[key] = Node(value, table["args"].line)
    return Node(made, node.line)


def _arguments(qualified: str, text: str) -> Mapping[str, str | int | bool | None]:
    """Return the arguments of a handler of the standard library by name, if they are literals."""
    module, _, attribute = qualified.rpartition(".")
    if module not in {"logging", "logging.handlers"} or not text:
        return {}
    handler = getattr(importlib.import_module(module), attribute, None)
    try:
        expression = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    if not inspect.isclass(handler) or not isinstance(expression, ast.Tuple):
        return {}
    names = list(inspect.signature(handler).parameters)
    values = {name: _argument(item) for name, item in zip(names, expression.elts, strict=False)}
    return {name: value for name, value in values.items() if value is not None}


def _argument(expression: ast.expr) -> str | int | bool | None:
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str | int):
        return expression.value
    return STREAMS.get(ast.unparse(expression)) if isinstance(expression, ast.Attribute) else None
