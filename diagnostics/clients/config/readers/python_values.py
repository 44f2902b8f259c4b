"""Values of expressions in Python: literals, names that stand for them, and variables of the environment.

`config("X", default=...)` is python-decouple's, `env("X")` and `env.int("X")` are those of django-environ and
environs, `Field(...)` is pydantic's, `field(...)` that of dataclasses.
"""

import ast
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from diagnostics.clients.config.tree import Duplicate, EnvRef, Node, Table, Unknown, Value

FROM_ENVIRONMENT = frozenset(
    {"os.environ.get", "os.getenv", "environ.get", "getenv", "config", "decouple.config"}
)
FROM_READER = frozenset({"env", "environ", "env_reader", "environ.Env"})
"""Objects whose call or method reads a variable: `env("X")`, `env.int("X", default=1)`."""
ENVIRONMENT = frozenset({"os.environ", "environ", "env"})
CONVERSIONS = frozenset(
    {"int", "float", "str", "bool", "list", "tuple", "set", "SecretStr", "Secret", "Csv", "_"}
)
"""Calls whose value is that of their only argument."""
READERS_BY_NAME = frozenset(
    {"get_int", "get_float", "get_bool", "get_string", "get_delimited_list", "get_list", "get_any"}
)
FIELDS = frozenset({"Field", "field"})
GETATTR_ARGUMENTS = 3
"""Arguments of getattr with a default, which settings of a library are read with."""
MAX_EXPANDED = 100_000
"""Values of a module that stand for names, in total."""
MAX_BITS = 300
"""Bits of a product; a larger number is not a setting."""
TIMES = {"weeks": 604_800, "days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1, "milliseconds": 0.001}
"""Seconds of each argument of timedelta."""
TIMEOUT_ARGUMENTS = {
    "connect": "connect_timeout",
    "sock_connect": "connect_timeout",
    "read": "read_timeout",
    "sock_read": "read_timeout",
    "total": "timeout",
    "timeout": "timeout",
}
"""Arguments of httpx.Timeout, urllib3.Timeout and aiohttp.ClientTimeout, and what each is."""
RETRY_ARGUMENTS = {
    "total": "max_retries",
    "allowed_methods": "retry_methods",
    "method_whitelist": "retry_methods",
}
"""Arguments of urllib3.Retry. Its backoff_factor is a pause in seconds and not a factor."""

ARGUMENTS = {
    "Timeout": (TIMEOUT_ARGUMENTS, "timeout"),
    "ClientTimeout": (TIMEOUT_ARGUMENTS, "timeout"),
    "Retry": (RETRY_ARGUMENTS, "max_retries"),
}
"""Calls whose arguments are settings, and what the first one is."""
PROVIDERS = frozenset({"stripe", "adyen", "Adyen", "paypalrestsdk", "braintree", "mollie", "square"})
"""Libraries of payment providers, whose calls take credentials."""
TABLES = frozenset({"SettingsConfigDict", "ConfigDict", "dict", "Config"})
"""Calls that are tables of their arguments."""


class Evaluator:
    """Evaluates expressions; collects repeated keys and the names that a module assigns."""

    def __init__(self) -> None:
        self.duplicates: list[Duplicate] = []
        self.names: dict[str, Node] = {}
        self._left = MAX_EXPANDED

    def node(self, expression: ast.expr) -> Node:
        """Return the value of an expression; EnvRef or Unknown if it is not a literal."""
        if isinstance(expression, ast.Name) and (known := self.names.get(expression.id)):
            origin = known.origin or f"{expression.id}, line {known.line}"
            return Node(self._expanded(known), expression.lineno, origin)
        return Node(self._value(expression), expression.lineno)

    def _expanded(self, known: Node) -> Value:
        """Return a copy of the value of a name; Unknown once names expand to too much."""
        self._left -= 1
        if isinstance(known.value, dict):
            table: Table = {}
            for key, node in known.value.items():
                if self._left < 0:
                    return Unknown("more values than a configuration has")
                table[key] = replace(node, value=self._expanded(node))
            return table
        if isinstance(known.value, list):
            return [replace(node, value=self._expanded(node)) for node in known.value if self._left >= 0]
        return known.value

    def _value(self, expression: ast.expr) -> Value:
        match expression:
            case ast.Constant(value=None | str() | bool() | int() | float() as literal):
                return literal
            case ast.Dict():
                return self._table(expression)
            case ast.List() | ast.Tuple() | ast.Set():
                return [self.node(element) for element in expression.elts]
            case ast.Name(id=name) if name in self.names:
                return self._expanded(self.names[name])
        return self._computed(expression)

    def _computed(self, expression: ast.expr) -> Value:
        match expression:
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign):
                return _signed(self._value(expression.operand), negative=isinstance(sign, ast.USub))
            case ast.BinOp(op=ast.Mult()):
                return _product(self._value(expression.left), self._value(expression.right))
            case ast.BoolOp(op=ast.Or(), values=[first, second]):
                return _either(self._value(first), self._value(second))
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
            table[str(name)] = replace(self.node(value), line=key.lineno)
        return table

    def _subscript(self, expression: ast.Subscript) -> Value:
        name = self._value(expression.slice)
        if dotted(expression.value) in ENVIRONMENT and isinstance(name, str):
            return EnvRef(name)
        return Unknown("Subscript")

    def _call(self, call: ast.Call) -> Value:
        called = dotted(call.func)
        keywords = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        last = called.rpartition(".")[2]
        if called == "getattr" and len(call.args) == GETATTR_ARGUMENTS:
            return self._value(call.args[-1])
        if _reads_environment(called) or _is_variable_of_framework(called):
            return self._variable(call, keywords)
        if last in FIELDS:
            return self._field(call, keywords)
        if last in ARGUMENTS:
            return self._arguments(call, keywords, *ARGUMENTS[last])
        if last in CONVERSIONS and len(call.args) == 1:
            return _converted(last, self._value(call.args[0]))
        return self._made(last, call, keywords)

    def _made(self, name: str, call: ast.Call, keywords: Mapping[str, ast.expr]) -> Value:
        arguments = [self._value(argument) for argument in call.args]
        match name, arguments:
            case "Decimal", [str() | int() as number]:
                return _decimal(number)
            case "timedelta", [] if keywords.keys() <= TIMES.keys():
                return _total({key: self._value(value) for key, value in keywords.items()})
            case _, [] if name in TABLES and len(keywords) == len(call.keywords):
                return {key: replace(self.node(value), line=value.lineno) for key, value in keywords.items()}
        called = dotted(call.func)
        if called.partition(".")[0] in PROVIDERS:
            return self._provider(called, call, keywords)
        return Unknown(f"a call of {called}" if called else "a call")

    def _provider(self, called: str, call: ast.Call, keywords: Mapping[str, ast.expr]) -> Value:
        """Return the arguments of a call of a payment provider's library, in a table with its name."""
        table: Table = {key: self.node(value) for key, value in keywords.items()}
        for argument in call.args:
            value = self._value(argument)
            table |= value if isinstance(value, dict) else {}
        return {called.replace(".", "_"): Node(table, call.lineno)}

    def _variable(self, call: ast.Call, keywords: Mapping[str, ast.expr]) -> Value:
        """Return the reference of `config("X", default=...)`, `env.int("X", 5)`, `os.getenv("X", "y")`."""
        if _is_variable_of_framework(dotted(call.func)):
            return self._named_variable(call, keywords)
        name = self._value(call.args[0]) if call.args else Unknown("")
        if not isinstance(name, str):
            return Unknown(f"a call of {dotted(call.func)}")
        default = call.args[1] if len(call.args) > 1 else keywords.get("default")
        value = self._value(default) if default is not None else None
        converted = _converted(str(dotted(keywords["cast"])), value) if "cast" in keywords else value
        return EnvRef(name, None if isinstance(converted, EnvRef | Unknown) else converted)

    def _named_variable(self, call: ast.Call, keywords: Mapping[str, ast.expr]) -> Value:
        """Return the reference of `values.IntegerValue(5, environ_name="X")` and `get_int("X", 5)`."""
        of_values = dotted(call.func).startswith("values.")
        first: ast.expr | None = call.args[0] if call.args else None
        second = call.args[1] if len(call.args) > 1 else keywords.get("default")
        name = self._name(keywords.get("environ_name") if of_values else keywords.get("name", first))
        given = first if of_values else second
        value = self._value(given) if given is not None else None
        if not name and not of_values:
            return Unknown(f"a call of {dotted(call.func)}")
        return EnvRef(name, None if isinstance(value, EnvRef | Unknown) else value)

    def _field(self, call: ast.Call, keywords: Mapping[str, ast.expr]) -> Value:
        """Return the default of a field, or the reference of one with an alias in the environment."""
        given = call.args[0] if call.args else keywords.get("default")
        factory = keywords.get("default_factory")
        if given is None and isinstance(factory, ast.Lambda):
            given = factory.body
        ellipsis = isinstance(given, ast.Constant) and given.value is Ellipsis
        value = None if given is None or ellipsis else self._value(given)
        alias = next(
            (name for key in ("env", "validation_alias", "alias") if (name := self._name(keywords.get(key)))),
            "",
        )
        if alias:
            return (
                value
                if isinstance(value, EnvRef)
                else EnvRef(alias, None if isinstance(value, Unknown) else value)
            )
        return value if value is not None or (given is not None and not ellipsis) else EnvRef("")

    def _name(self, expression: ast.expr | None) -> str:
        value = self._value(expression) if expression is not None else ""
        return value if isinstance(value, str) else ""

    def _arguments(
        self, call: ast.Call, keywords: Mapping[str, ast.expr], names: Mapping[str, str], first: str
    ) -> Value:
        """Return a table of the arguments that are known by name."""
        table = {names[key]: self.node(value) for key, value in keywords.items() if key in names}
        if call.args:
            table.setdefault(first, self.node(call.args[0]))
        return table


def dotted(expression: ast.expr) -> str:
    """Return a dotted name, empty for another expression."""
    parts: list[str] = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    return ".".join([expression.id, *reversed(parts)]) if isinstance(expression, ast.Name) else ""


def _reads_environment(called: str) -> bool:
    return called in FROM_ENVIRONMENT or called in FROM_READER or called.partition(".")[0] == "env"


def _is_variable_of_framework(called: str) -> bool:
    """Return True for values of django-configurations, and for the readers of mitol-django-common."""
    return (called.startswith("values.") and called.endswith("Value")) or called in READERS_BY_NAME


def _converted(name: str, value: Value) -> Value:
    """Return a value after a conversion by `int`, `float`, `bool` or a class for secrets."""
    if isinstance(value, EnvRef):
        return EnvRef(value.name, _converted(name, value.default))
    if name in {"int", "float"} and isinstance(value, str):
        try:
            return int(value) if name == "int" else float(value)
        except ValueError:
            return Unknown(f"a call of {name}")
    if name == "bool" and isinstance(value, str | int):
        return bool(value) if isinstance(value, int) else value.lower() in {"true", "1", "yes", "on"}
    return value


def _either(first: Value, second: Value) -> Value:
    """Return the value of `first or second`: a second operand is the default of a variable."""
    if isinstance(first, EnvRef) and first.default in {None, ""} and not isinstance(second, Unknown):
        return EnvRef(first.name, second.default if isinstance(second, EnvRef) else second)
    return Unknown("BoolOp")


def _total(parts: Mapping[str, Value]) -> Value:
    if not all(isinstance(value, int | float) for value in parts.values()):
        return Unknown("a call of timedelta")
    return sum(TIMES[name] * value for name, value in parts.items() if isinstance(value, int | float))


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
