"""Values that names and attributes are assigned, and the makers of objects."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from diagnostics.clients.source.tree import Function, Tree, last_name

MAX_STEPS = 4
"""Assignments through which a name is followed."""


class Bindings:
    """Names and attributes of a file with the values that they are assigned, by function and by class."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._values: dict[tuple[ast.AST, str], list[ast.expr | None]] = defaultdict(list)
        self._types: dict[tuple[ast.AST, str], str] = {}
        self._bind_assignments(tree)
        for item in tree.all(ast.withitem):
            if item.optional_vars:
                self._bind(item.optional_vars, item.context_expr)
        for loop in tree.all(ast.For):
            self._bind(loop.target, None)
        for loop_async in tree.all(ast.AsyncFor):
            self._bind(loop_async.target, None)
        for function in tree.all(ast.FunctionDef):
            self._bind_arguments(function)
        for coroutine in tree.all(ast.AsyncFunctionDef):
            self._bind_arguments(coroutine)

    def _bind_assignments(self, tree: Tree) -> None:
        for assign in tree.all(ast.Assign):
            for target in assign.targets:
                self._bind(target, assign.value)
        for annotated in tree.all(ast.AnnAssign):
            self._bind(annotated.target, annotated.value, annotated.annotation)
        for named in tree.all(ast.NamedExpr):
            self._bind(named.target, named.value)
        for changed in tree.all(ast.AugAssign):
            self._bind(changed.target, None)

    def value(self, expression: ast.expr) -> ast.expr | None:
        """Return the only value that a name or an attribute of `self` is assigned, or None."""
        for scope, name in self._scopes(expression):
            values = self._values.get((scope, name))
            if values is not None:
                return values[0] if len(values) == 1 else None
        return None

    def maker(self, expression: ast.expr, depth: int = 0) -> str:
        """Return the name of the call or the class that made an object; empty if it is not known."""
        if depth > MAX_STEPS:
            return ""
        if isinstance(expression, ast.Await):
            return self.maker(expression.value, depth + 1)
        if isinstance(expression, ast.Call):
            return self._maker_of_call(expression.func, depth)
        for scope, name in self._scopes(expression):
            if annotation := self._types.get((scope, name)):
                return annotation
            if (scope, name) in self._values:
                values = self._values[scope, name]
                makers = {self.maker(value, depth + 1) for value in values if value} - {""}
                return makers.pop() if len(makers) == 1 else ""
        return ""

    def _maker_of_call(self, function: ast.expr, depth: int) -> str:
        name = self._tree.name_of(function)
        if name and "." in name and not self._is_local(function):
            return name
        if isinstance(function, ast.Attribute):
            inner = self.maker(function.value, depth + 1)
            return f"{inner}.{function.attr}" if inner else name
        return name

    def _is_local(self, function: ast.expr) -> bool:
        """Return True if a dotted name begins with a variable, not with an import."""
        while isinstance(function, ast.Attribute):
            function = function.value
        return isinstance(function, ast.Name) and function.id not in self._tree.imports

    def _scopes(self, expression: ast.expr) -> Iterator[tuple[ast.AST, str]]:
        """Yield the places where a name may be assigned: its functions and the module, or its class."""
        match expression:
            case ast.Name(id=name):
                function = self._tree.function_of(expression)
                while function is not self._tree.tree:
                    yield function, name
                    function = self._tree.function_of(function)
                yield function, name
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attribute):
                if owner := self._tree.class_of(expression):
                    yield owner, attribute

    def _bind(self, target: ast.expr, value: ast.expr | None, annotation: ast.expr | None = None) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._bind(part, None)
            return
        for scope, name in self._own_scope(target):
            if value is not None or annotation is None:
                self._values[scope, name].append(value)
            if annotation is not None:
                self._note_type(scope, name, annotation)

    def _own_scope(self, target: ast.expr) -> Iterator[tuple[ast.AST, str]]:
        """Yield the scope that an assignment to a target belongs to."""
        if isinstance(target, ast.Name):
            scope = self._tree.function_of(target)
            parent = next(self._tree.parents(target), None)
            owner = next(self._tree.parents(parent), None) if parent else None
            yield (owner if isinstance(owner, ast.ClassDef) else scope), target.id
        else:
            yield from self._scopes(target)

    def _bind_arguments(self, function: Function) -> None:
        arguments = function.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            self._values[function, argument.arg].append(None)
            if argument.annotation:
                self._note_type(function, argument.arg, argument.annotation)

    def _note_type(self, scope: ast.AST, name: str, annotation: ast.expr) -> None:
        """Remember the type that an annotation names, without `| None` and `Optional`."""
        match annotation:
            case ast.BinOp(left=left, op=ast.BitOr()):
                annotation = left
            case ast.Subscript(value=value, slice=inner) if last_name(value) in {"Optional", "Annotated"}:
                annotation = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
        if kind := self._tree.name_of(annotation):
            self._types[scope, name] = kind
