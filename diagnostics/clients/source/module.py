"""One parsed file, and the questions that rules ask of it."""

import ast
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeVar

from diagnostics.clients.source.syntax import parsed

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While
N = TypeVar("N", bound=ast.AST)

MOST_DEPTH = 300
"""Parents that are looked at: deeper code is made by programs."""


class NotPython(ValueError):
    """The file cannot be parsed; the message says where and why."""


class Module:
    """A file's tree, its nodes by type, and who stands in whom. Raises NotPython."""

    def __init__(self, source: bytes) -> None:
        self.tree = _parsed(source)
        self._nodes: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        self._parents: dict[ast.AST, ast.AST] = {}
        self.imports: dict[str, str] = {}
        """What a name of the file stands for: `pg` for `psycopg2`, `connect` for `psycopg2.connect`."""
        self.imported: set[str] = set()
        """Modules that are imported by their full names, as in `import logging.config`."""
        for node in ast.walk(self.tree):
            self._nodes[type(node)].append(node)
            for child in ast.iter_child_nodes(node):
                self._parents[child] = node
        self._read_imports()
        self.texts = dict(self._constants())
        """Names of the module's own texts, and the texts."""

    def all(self, *kinds: type[N]) -> Iterator[N]:
        """Every node of some types."""
        for kind in kinds:
            yield from (node for node in self._nodes[kind] if isinstance(node, kind))

    def calls(self, *methods: str) -> Iterator[ast.Call]:
        """Calls of something that ends in one of these names; every call where none is given."""
        for call in self.all(ast.Call):
            if not methods or last_name(call.func) in methods:
                yield call

    def parents(self, node: ast.AST) -> Iterator[ast.AST]:
        """What it stands in, the nearest first."""
        for _ in range(MOST_DEPTH):
            if node not in self._parents:
                return
            node = self._parents[node]
            yield node

    def function_of(self, node: ast.AST) -> ast.AST:
        """The function that it is part of, else the module."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
        return next((one for one in self.parents(node) if isinstance(one, kinds)), self.tree)

    def loops_of(self, node: ast.AST) -> list[Loop]:
        """The loops of its own function that it stands in, the nearest first."""
        found: list[Loop] = []
        inner = node
        for one in self.parents(node):
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                break
            if isinstance(one, ast.For | ast.AsyncFor | ast.While) and inner in one.body:
                found.append(one)
            inner = one
        return found

    def name_of(self, expression: ast.AST) -> str:
        """A dotted name with its imports resolved, `psycopg2.connect`; empty for what is no name."""
        parts: list[str] = []
        while isinstance(expression, ast.Attribute):
            parts.append(expression.attr)
            expression = expression.value
        if not isinstance(expression, ast.Name):
            return ""
        return ".".join([self.imports.get(expression.id, expression.id), *reversed(parts)])

    def imports_any(self, *names: str) -> bool:
        """Whether one of these packages is imported."""
        roots = {name.partition(".")[0] for name in (*self.imports.values(), *self.imported)}
        return not roots.isdisjoint(names)

    def text_of(self, expression: ast.AST | None) -> str:
        """The literal text of an expression, `{}` for each part that is only known when it runs."""
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


def _parsed(source: bytes) -> ast.Module:
    """Parse without a word on standard error: warnings about others' escapes are not ours to give."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parsed(source)
    except SyntaxError as error:
        raise NotPython(f"line {error.lineno}: {error.msg}") from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise NotPython(str(error) or "nested too deeply") from None


def last_name(expression: ast.AST) -> str:
    """The last part of a dotted name, of whatever it is called on."""
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def keywords(call: ast.Call) -> set[str]:
    """The names of a call's keyword arguments; `**` where more may come from a dictionary."""
    return {keyword.arg or "**" for keyword in call.keywords}


def names_in(*nodes: ast.AST) -> set[str]:
    """Every plain name that is used."""
    return {one.id for node in nodes for one in ast.walk(node) if isinstance(one, ast.Name)}


def calls_in(nodes: Sequence[ast.AST]) -> Iterator[ast.Call]:
    """Every call below some nodes."""
    for node in nodes:
        yield from (one for one in ast.walk(node) if isinstance(one, ast.Call))


def caught(module: Module, handler: ast.ExceptHandler) -> list[str]:
    """The names of what a handler catches."""
    if handler.type is None:
        return []
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [module.name_of(kind) for kind in kinds]


def goes_on(handler: ast.ExceptHandler) -> bool:
    """Whether a loop around the handler may run once more."""
    return not isinstance(handler.body[-1], ast.Raise | ast.Return | ast.Break)
