"""Syntax tree of one file, with the queries that rules need."""

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from diagnostics.clients.source.bindings import MAX_STEPS, Bindings
from diagnostics.clients.source.tree import Tree, last_name

SERVING = (
    "run",
    "run_app",
    "run_forever",
    "run_polling",
    "run_until_disconnected",
    "serve",
    "serve_forever",
    "start_polling",
    "start_server",
)
"""Functions that do not return while a program serves others; `asyncio.run` is none of them."""


class Module(Tree):
    """Syntax tree of a file in which names are followed to their values. Raises NotPython.

    `named` is True for a file that the target names itself: it is judged as a part of a service, also if it
    is a script.
    """

    def __init__(self, source: bytes, *, named: bool = False) -> None:
        super().__init__(source)
        self.named = named
        self.texts = dict(self._constants())
        """Text constants of the module by name."""
        self.shared: dict[str, Any] = {}
        """Results that several rules use, by name."""

    @cached_property
    def bindings(self) -> Bindings:
        """Assignments of the file: values of names and attributes, and what objects are made by."""
        return Bindings(self)

    def value_of(self, expression: ast.expr) -> ast.expr:
        """Return what a name was assigned, where its function or the module assigns it once; else itself."""
        for _ in range(MAX_STEPS):
            value = self.bindings.value(expression)
            if value is None:
                break
            expression = value
        return expression

    def maker_of(self, expression: ast.expr) -> str:
        """Return the name of the call or class that made an object: `requests.Session`; empty if unknown."""
        return self.bindings.maker(expression)

    def runs_once(self) -> bool:
        """Return True for a script: it does its work under `if __name__ == "__main__"` and serves nobody."""
        if self.named:
            return False
        main = any(
            isinstance(node, ast.Name) and node.id == "__name__"
            for statement in self.tree.body
            if isinstance(statement, ast.If)
            for node in ast.walk(statement.test)
        )
        forever = any(isinstance(loop.test, ast.Constant) for loop in self.all(ast.While))
        serves = any(self.name_of(call.func) != "asyncio.run" for call in self.calls(*SERVING))
        return main and not forever and not serves

    def is_command(self) -> bool:
        """Return True for a command that an operator gives, with arguments that are the operator's."""
        return self.is_django_command() or self.imports_any("click", "typer", "argparse", "fire")

    def is_django_command(self) -> bool:
        """Return True for a command of `manage.py`."""
        return any(name.startswith("django.core.management.") for name in self.imports.values())

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
                value = self.value_of(expression)
                text = self.texts.get(name, "") if value is expression else self.text_of(value)
            case ast.Attribute():
                value = self.value_of(expression)
                text = "" if value is expression else self.text_of(value)
        return text

    def _constants(self) -> Iterator[tuple[str, str]]:
        for node in self.tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() as text)):
                    yield name, text
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[argument])):
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield name, argument.value
