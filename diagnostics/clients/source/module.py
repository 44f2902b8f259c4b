"""Syntax tree of one file, with the queries that rules need."""

import ast
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeVar

from diagnostics.clients.source.syntax import parse

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While
N = TypeVar("N", bound=ast.AST)

MAX_DEPTH = 300
"""Parents that are searched; deeper code is generated."""


class NotPython(ValueError):
    """File that cannot be parsed; the message has the line and the reason."""


class Module:
    """Syntax tree of a file with its nodes by type, their parents and its imports. Raises NotPython."""

    def __init__(self, source: bytes) -> None:
        self.tree = _parse(source)
        self._nodes: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        self._parents: dict[ast.AST, ast.AST] = {}
        self.imports: dict[str, str] = {}
        """Imported object by local name: `psycopg2` for `pg`, `psycopg2.connect` for `connect`."""
        self.imported: set[str] = set()
        """Full names of imported modules, as in `import logging.config`."""
        for node in ast.walk(self.tree):
            self._nodes[type(node)].append(node)
            for child in ast.iter_child_nodes(node):
                self._parents[child] = node
        self._read_imports()
        self.texts = dict(self._constants())
        """Text constants of the module by name."""

    def all(self, *kinds: type[N]) -> Iterator[N]:
        """Yield all nodes of the given types."""
        for kind in kinds:
            yield from (node for node in self._nodes[kind] if isinstance(node, kind))

    def calls(self, *methods: str) -> Iterator[ast.Call]:
        """Yield the calls of functions or methods with one of these names; all calls without names."""
        for call in self.all(ast.Call):
            if not methods or last_name(call.func) in methods:
                yield call

    def parents(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes that enclose a node, the nearest first."""
        for _ in range(MAX_DEPTH):
            if node not in self._parents:
                return
            node = self._parents[node]
            yield node

    def function_of(self, node: ast.AST) -> ast.AST:
        """Return the function that encloses a node, else the module."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
        return next((parent for parent in self.parents(node) if isinstance(parent, kinds)), self.tree)

    def loops_of(self, node: ast.AST) -> list[Loop]:
        """Return the loops around a node within its function, the nearest first."""
        loops: list[Loop] = []
        inner = node
        for parent in self.parents(node):
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                break
            if isinstance(parent, ast.For | ast.AsyncFor | ast.While) and inner in parent.body:
                loops.append(parent)
            inner = parent
        return loops

    def name_of(self, expression: ast.AST) -> str:
        """Return a dotted name with imports resolved, `psycopg2.connect`; empty for other expressions."""
        parts: list[str] = []
        while isinstance(expression, ast.Attribute):
            parts.append(expression.attr)
            expression = expression.value
        if not isinstance(expression, ast.Name):
            return ""
        return ".".join([self.imports.get(expression.id, expression.id), *reversed(parts)])

    def imports_any(self, *names: str) -> bool:
        """Return True if one of these packages is imported."""
        roots = {name.partition(".")[0] for name in (*self.imports.values(), *self.imported)}
        return not roots.isdisjoint(names)

    def text_of(self, expression: ast.AST | None) -> str:
        """Return the literal text of an expression, with `{}` for each part that is computed at run time."""
        text = ""
        match expression:
            case ast.Constant(value=str() as literal):
                text = literal
            case ast.JoinedStr(values=parts):
                text = "".join(self.text_of(part) or "{}" for part in parts)
            case ast.BinOp(left=left, op=ast.Add() | ast.Mod()):
                text = self.text_of(left)
                text += "{}" if text else ""
            case ast.Call(func=ast.Attribute(value=value, attr="format")):
                text = self.text_of(value)
            case ast.Call(func=function, args=[first, *_]) if last_name(function) == "text":
                text = self.text_of(first)
            case ast.Name(id=name):
                text = self.texts.get(name, "")
        return text

    def _constants(self) -> Iterator[tuple[str, str]]:
        for node in self.tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() as text)):
                    yield name, text
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[argument])):
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield name, argument.value

    def _read_imports(self) -> None:
        for node in self.all(ast.Import):
            for alias in node.names:
                self.imported.add(alias.name)
                self.imports[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        for origin in self.all(ast.ImportFrom):
            for alias in origin.names:
                self.imports[alias.asname or alias.name] = f"{origin.module or ''}.{alias.name}"


def _parse(source: bytes) -> ast.Module:
    """Parse without printing warnings, such as those about escape sequences. Raises NotPython."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parse(source)
    except SyntaxError as error:
        raise NotPython(f"line {error.lineno}: {error.msg}") from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise NotPython(str(error) or "nested too deeply") from None


def last_name(expression: ast.AST) -> str:
    """Return the last part of a dotted name, whatever expression it is an attribute of."""
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def keywords(call: ast.Call) -> set[str]:
    """Return the names of a call's keyword arguments, with `**` for an unpacked dictionary."""
    return {keyword.arg or "**" for keyword in call.keywords}


def names_in(*nodes: ast.AST) -> set[str]:
    """Return all plain names in some nodes."""
    return {name.id for node in nodes for name in ast.walk(node) if isinstance(name, ast.Name)}


def calls_in(nodes: Sequence[ast.AST]) -> Iterator[ast.Call]:
    """Yield all calls in some nodes."""
    for node in nodes:
        yield from (call for call in ast.walk(node) if isinstance(call, ast.Call))


def caught(module: Module, handler: ast.ExceptHandler) -> list[str]:
    """Return the names of the exceptions that a handler catches."""
    if handler.type is None:
        return []
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [module.name_of(kind) for kind in kinds]


def continues(handler: ast.ExceptHandler) -> bool:
    """Return True if a loop around the handler may continue after it."""
    return not isinstance(handler.body[-1], ast.Raise | ast.Return | ast.Break)
