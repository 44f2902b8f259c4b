"""Configuration in Python: read by its syntax tree and never run.

The walker is our own: `ast.literal_eval` gives up a whole dict for one `os.environ[...]` in it, and loses
keys that stand twice without a word.
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
from diagnostics.clients.source.syntax import parsed

FROM_ENVIRONMENT = frozenset({"os.environ.get", "os.getenv", "environ.get", "getenv"})
ENVIRONMENT = frozenset({"os.environ", "environ"})
MOST_DIGITS = 300
"""A product of numbers beyond it is no setting."""


def read_python(text: str) -> Document:
    """Read the assignments at the top of a module. Raises Unreadable, RecursionError, MemoryError."""
    try:
        module = parsed(text)
    except SyntaxError as error:
        raise Unreadable(f"line {error.lineno}: not Python: {error.msg}") from None
    except ValueError as error:
        raise Unreadable(f"not Python: {error}") from None
    walker = _Walker()
    root: Table = {}
    for statement in module.body:
        walker.assign(root, statement)
    return Document(root, tuple(walker.duplicates), _imports(module), _uses(module))


class _Walker:
    """Turns expressions into values, and keeps the keys that stand twice."""

    def __init__(self) -> None:
        self.duplicates: list[Duplicate] = []

    def assign(self, root: Table, statement: ast.stmt) -> None:
        """Note `NAME = value` and `NAME: type = value`."""
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
        """The value of an expression as far as it can be told without running it."""
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
                return Unknown("a dict with keys that are no literals")
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
                return {str(one.arg): Node(self._value(one.value), one.value.lineno) for one in call.keywords}
        return Unknown(f"a call of {called}" if called else "a call")


def _decimal(number: str | int) -> Value:
    try:
        return Decimal(number)
    except InvalidOperation:
        return Unknown("a Decimal that is no number")


def _signed(value: Value, *, negative: bool) -> Value:
    if isinstance(value, int | float | Decimal):
        return -value if negative else +value
    return Unknown("UnaryOp")


def _product(left: Value, right: Value) -> Value:
    if (
        isinstance(left, int)
        and isinstance(right, int)
        and left.bit_length() + right.bit_length() < MOST_DIGITS
    ):
        return left * right
    return Unknown("BinOp")


def _dotted(expression: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    return ".".join([expression.id, *reversed(parts)]) if isinstance(expression, ast.Name) else ""


def _imports(module: ast.Module) -> frozenset[str]:
    found: set[str] = set()
    for statement in ast.walk(module):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            found |= {statement.module, *(f"{statement.module}.{alias.name}" for alias in statement.names)}
    return frozenset(found)


def _uses(module: ast.Module) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and (name := _dotted(node)) in {
            "logging.config",
            "logging.handlers",
        }:
            found.setdefault(name, node.lineno)
    return found
