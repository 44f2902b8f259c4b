"""Syntax tree of one file: its nodes by type, their parents, its imports."""

import ast
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeVar, cast

from diagnostics.clients.source.syntax import parse

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While
N = TypeVar("N", bound=ast.AST)

MAX_DEPTH = 300
"""Parents that are searched; deeper code is generated."""


NOT_INDEXED = frozenset({"ctx", "op", "ops", "type_ignores", "type_comment", "kind", "id", "attr", "lineno"})
"""Fields of nodes without code of their own."""


_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}


class NotPython(ValueError):
    """File that cannot be parsed; the message has the line and the reason."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class Tree:
    """Syntax tree of a file with its nodes by type, their parents and its imports. Raises NotPython."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.tree = _parse(source)
        self._nodes: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        self._parents: dict[ast.AST, ast.AST] = {}
        self._index()
        self.imports: dict[str, str] = {}
        """Imported object by local name: `psycopg2` for `pg`, `psycopg2.connect` for `connect`."""
        self.imported: set[str] = set()
        """Full names of imported modules, as in `import logging.config`."""
        self._read_imports()
        self._calls: dict[str, list[ast.Call]] = defaultdict(list)
        for call in self.all(ast.Call):
            self._calls[last_name(call.func)].append(call)

    def _index(self) -> None:
        """Fill the tables of nodes and parents in one pass, without the operators and contexts."""
        nodes, parents, pending = self._nodes, self._parents, [cast("ast.AST", self.tree)]
        while pending:
            node = pending.pop()
            kind = type(node)
            nodes[kind].append(node)
            children: list[ast.AST] = []
            for field in _fields_of(kind):
                value = getattr(node, field, None)
                if value.__class__ is list:
                    children += [item for item in value if isinstance(item, ast.AST)]
                elif isinstance(value, ast.AST):
                    children.append(value)
            for child in children:
                parents[child] = node
            pending += reversed(children)

    def all(self, *kinds: type[N]) -> Iterator[N]:
        """Yield all nodes of the given types, in the order of the file for each type."""
        for kind in kinds:
            yield from cast("list[N]", self._nodes.get(kind, ()))

    def calls(self, *methods: str) -> Iterator[ast.Call]:
        """Yield the calls of functions or methods with one of these names; all calls without names."""
        if not methods:
            yield from self.all(ast.Call)
        for method in dict.fromkeys(methods):
            yield from self._calls.get(method, ())

    def parents(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes that enclose a node, the nearest first."""
        for _ in range(MAX_DEPTH):
            if node not in self._parents:
                return
            node = self._parents[node]
            yield node

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node that encloses a node; None for the module."""
        return self._parents.get(node)

    def function_of(self, node: ast.AST) -> ast.AST:
        """Return the function that encloses a node, else the module."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
        return next((parent for parent in self.parents(node) if isinstance(parent, kinds)), self.tree)

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """Return the class that encloses a node, or None."""
        return next((parent for parent in self.parents(node) if isinstance(parent, ast.ClassDef)), None)

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
        raise NotPython(f"line {error.lineno}: {error.msg}", error.lineno) from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise NotPython(str(error) or "nested too deeply") from None


def _fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a type of nodes that may hold nodes."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(field for field in kind._fields if field not in NOT_INDEXED)
    return _FIELDS[kind]


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


def caught(tree: Tree, handler: ast.ExceptHandler) -> list[str]:
    """Return the names of the exceptions that a handler catches."""
    if handler.type is None:
        return []
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [tree.name_of(kind) for kind in kinds]


def continues(handler: ast.ExceptHandler) -> bool:
    """Return True if a loop around the handler may continue after it."""
    return not isinstance(handler.body[-1], ast.Raise | ast.Return | ast.Break)
