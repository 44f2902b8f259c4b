"""Reader of configurations in Python, by the syntax tree; nothing is run.

`ast.literal_eval` would not do: it refuses a dict for one `os.environ[...]` in it, and silently drops
repeated keys.
"""

import ast
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from diagnostics.clients.config.tree import (
    Document,
    Duplicate,
    EnvRef,
    Node,
    Table,
    Unknown,
    Unreadable,
    Value,
)
from diagnostics.clients.source.syntax import parse

FROM_ENVIRONMENT = frozenset({"os.environ.get", "os.getenv", "environ.get", "getenv"})
ENVIRONMENT = frozenset({"os.environ", "environ"})
MAX_BITS = 300
"""Bits of a product; a larger number is not a setting."""


def read_python(text: str) -> Document:
    """Parse the top-level assignments of a module. Raises Unreadable, RecursionError, MemoryError."""
    try:
        module = parse(text)
    except SyntaxError as error:
        raise Unreadable(f"line {error.lineno}: not Python: {error.msg}") from None
    except ValueError as error:
        raise Unreadable(f"not Python: {error}") from None
    evaluator = _Evaluator()
    root: Table = {}
    for statement in module.body:
        evaluator.assign(root, statement)
    return Document(root, tuple(evaluator.duplicates), _imports(module), _uses(module))


class _Evaluator:
    """Evaluates literal expressions and collects repeated keys."""

    def __init__(self) -> None:
        self.duplicates: list[Duplicate] = []

    def assign(self, root: Table, statement: ast.stmt) -> None:
        """Add `NAME = value` or `NAME: type = value` to the table; other statements are ignored."""
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value:
            targets, value = [statement.target], statement.value
        else:
            return
        for target in targets:
            if isinstance(target, ast.Name):
                root[target.id] = self.node(value)

    def node(self, expression: ast.expr) -> Node:
        """Return the value of an expression; EnvRef or Unknown if it is not a literal."""
        return Node(self._value(expression), expression.lineno)

    def _value(self, expression: ast.expr) -> Value:
        match expression:
            case ast.Constant(value=None | str() | bool() | int() | float() as literal):
                return literal
            case ast.Dict():
                return self._table(expression)
            case ast.List() | ast.Tuple() | ast.Set():
                return [self.node(element) for element in expression.elts]
        return self._computed(expression)

    def _computed(self, expression: ast.expr) -> Value:
        match expression:
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign):
                return _signed(self._value(expression.operand), negative=isinstance(sign, ast.USub))
            case ast.BinOp(op=ast.Mult()):
                return _product(self._value(expression.left), self._value(expression.right))
            case ast.Subscript():
                return self._subscript(expression)
            case ast.Call():
                return self._call(expression)
        return Unknown(type(expression).__name__)

    def _table(self, expression: ast.Dict) -> Value:
        table: Table = {}
        for key, value in zip(expression.keys, expression.values, strict=True):
            if key is None:
                return Unknown("a dict that unpacks another")
            name = self._value(key)
            if not isinstance(name, str | int | float):
                return Unknown("a dict with keys that are not literals")
            if str(name) in table:
                self.duplicates.append(Duplicate(str(name), table[str(name)].line, key.lineno))
            table[str(name)] = Node(self._value(value), key.lineno)
        return table

    def _subscript(self, expression: ast.Subscript) -> Value:
        name = self._value(expression.slice)
        if _dotted(expression.value) in ENVIRONMENT and isinstance(name, str):
            return EnvRef(name)
        return Unknown("Subscript")

    def _call(self, call: ast.Call) -> Value:
        called, arguments = _dotted(call.func), [self._value(argument) for argument in call.args]
        match called, arguments:
            case name, [str() as variable] if name in FROM_ENVIRONMENT:
                return EnvRef(variable)
            case name, [str() as variable, default] if name in FROM_ENVIRONMENT:
                return EnvRef(variable, default if isinstance(default, str) else None)
            case (("Decimal" | "decimal.Decimal"), [str() | int() as number]):
                return _decimal(number)
            case "dict", [] if all(keyword.arg for keyword in call.keywords):
                return {
                    str(keyword.arg): Node(self._value(keyword.value), keyword.value.lineno)
                    for keyword in call.keywords
                }
        return Unknown(f"a call of {called}" if called else "a call")


def _decimal(number: str | int) -> Value:
    try:
        return Decimal(number)
    except InvalidOperation:
        return Unknown("a Decimal that is not a number")


def _signed(value: Value, *, negative: bool) -> Value:
    if isinstance(value, int | float | Decimal):
        return -value if negative else +value
    return Unknown("UnaryOp")


def _product(left: Value, right: Value) -> Value:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() < MAX_BITS:
        return left * right
    return Unknown("BinOp")


def _dotted(expression: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    return ".".join([expression.id, *reversed(parts)]) if isinstance(expression, ast.Name) else ""


def _imports(module: ast.Module) -> frozenset[str]:
    names: set[str] = set()
    for statement in ast.walk(module):
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            names |= {statement.module, *(f"{statement.module}.{alias.name}" for alias in statement.names)}
    return frozenset(names)


def _uses(module: ast.Module) -> Mapping[str, int]:
    lines: dict[str, int] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and (name := _dotted(node)) in {
            "logging.config",
            "logging.handlers",
        }:
            lines.setdefault(name, node.lineno)
    return lines
