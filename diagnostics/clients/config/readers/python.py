"""Reader of configurations in Python, by the syntax tree; nothing is run.

`ast.literal_eval` would not do: it refuses a dict for one `os.environ[...]` in it, and silently drops
repeated keys.
"""

import ast
from collections.abc import Mapping
from dataclasses import replace

from diagnostics.clients.config.readers.python_kinds import is_dataclass, is_program, kinds_of_classes
from diagnostics.clients.config.readers.python_values import Evaluator, dotted
from diagnostics.clients.config.tree import Document, EnvRef, Node, Table, Unknown, Unreadable
from diagnostics.clients.source.syntax import parse

SETTINGS_BASES = ("BaseSettings", "Settings")
"""Endings of the base classes whose fields are read from the environment, as pydantic's."""
BRANCHES = ("body", "orelse", "finalbody")
CONDITIONAL = "a value that depends on a condition"
FILLED_IN = "a field that the program fills in"


def read_python(text: str) -> Document:
    """Parse the assignments of a module and of its classes.

    Raises Unreadable, RecursionError, MemoryError.
    """
    try:
        module = parse(text)
    except SyntaxError as error:
        raise Unreadable(f"line {error.lineno}: not Python: {error.msg}") from None
    except ValueError as error:
        raise Unreadable(f"not Python: {error}") from None
    evaluator = Evaluator()
    root: Table = {}
    _read_block(module.body, root, evaluator, conditional=False)
    return Document(
        root,
        tuple(evaluator.duplicates),
        _imports(module),
        _uses(module),
        dict(kinds_of_classes(module)),
        is_program(module),
    )


def _read_block(body: list[ast.stmt], table: Table, evaluator: Evaluator, *, conditional: bool) -> None:
    """Add the assignments of a block to a table; `conditional` is True if it may not be executed."""
    for statement in body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    _assign(target, value, table, evaluator, conditional=conditional)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                _assign(target, value, table, evaluator, conditional=conditional)
            case ast.Expr(value=ast.Call() as call):
                _set_default(call, table, evaluator)
            case ast.ClassDef():
                table[statement.name] = Node(_class(statement, evaluator), statement.lineno)
            case ast.If() | ast.Try() | ast.With():
                _read_branches(statement, table, evaluator, conditional=not isinstance(statement, ast.With))


def _read_branches(
    statement: ast.If | ast.Try | ast.With, table: Table, evaluator: Evaluator, *, conditional: bool
) -> None:
    blocks = [getattr(statement, name, []) for name in BRANCHES]
    blocks += [handler.body for handler in getattr(statement, "handlers", ())]
    for block in blocks:
        _read_block(block, table, evaluator, conditional=conditional)


def _assign(
    target: ast.expr, expression: ast.expr, table: Table, evaluator: Evaluator, *, conditional: bool
) -> None:
    place = _place(target, table, evaluator)
    if place is None:
        return
    table, name = place
    node = evaluator.node(expression)
    if conditional and name in table and table[name].value != node.value:
        node = Node(Unknown(CONDITIONAL), node.line)
    table[name] = node
    if isinstance(target, ast.Name):
        evaluator.names[name] = node


def _place(target: ast.expr, table: Table, evaluator: Evaluator) -> tuple[Table, str] | None:
    """Return table and key of a target: `X`, `stripe.api_key`, `app.config["X"]`, `os.environ["X"]`."""
    if isinstance(target, ast.Name):
        return table, target.id
    if isinstance(target, ast.Attribute):
        owner, name = dotted(target.value), target.attr
    elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        owner, name = dotted(target.value), str(target.slice.value)
    else:
        return None
    if not owner:
        return None
    own = evaluator.names.get(owner)
    if own is not None and isinstance(own.value, dict):
        return own.value, name
    node = table.setdefault(owner, Node({}, target.lineno))
    return (node.value, name) if isinstance(node.value, dict) else None


def _set_default(call: ast.Call, table: Table, evaluator: Evaluator) -> None:
    """Read `os.environ.setdefault("X", "value")`."""
    match dotted(call.func), call.args:
        case (("os.environ.setdefault" | "environ.setdefault"), [ast.Constant(value=str() as name), value]):
            environment = table.setdefault("os.environ", Node({}, call.lineno))
            if isinstance(environment.value, dict):
                default = evaluator.node(value)
                environment.value[name] = Node(EnvRef(name, default.value), default.line)


def _class(definition: ast.ClassDef, evaluator: Evaluator) -> Table:
    """Return the fields of a class; those of a settings class are variables with the field as default."""
    table: Table = {}
    outer = dict(evaluator.names)
    _read_block(definition.body, table, evaluator, conditional=False)
    for statement in definition.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            _read_attributes(statement, table, evaluator)
    evaluator.names = outer
    if any(dotted(base).endswith(SETTINGS_BASES) for base in definition.bases):
        _read_fields(definition, table, _prefix(table))
    elif is_dataclass(definition):
        _leave_open(definition, table)
    return table


def _leave_open(definition: ast.ClassDef, table: Table) -> None:
    """Take an empty default of a dataclass for what it is: a value that its user gives."""
    for statement in definition.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            node = table.get(statement.target.id)
            if node and node.value in ("", None):
                table[statement.target.id] = replace(node, value=Unknown(FILLED_IN))


def _read_attributes(method: ast.FunctionDef, table: Table, evaluator: Evaluator) -> None:
    """Add `self.x = value` of a constructor."""
    for statement in method.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
        for target in targets:
            value = getattr(statement, "value", None)
            if isinstance(target, ast.Attribute) and dotted(target.value) == "self" and value:
                table[target.attr] = evaluator.node(value)


def _read_fields(definition: ast.ClassDef, table: Table, prefix: str) -> None:
    for statement in definition.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        name = statement.target.id
        node = table.get(name)
        if name == "model_config" or (node and isinstance(node.value, EnvRef | Unknown | dict)):
            continue
        default = node.value if node else None
        table[name] = Node(EnvRef(f"{prefix}{name}".upper(), default), statement.lineno)


def _prefix(table: Table) -> str:
    """Return `env_prefix` of `model_config` or of the inner class `Config`."""
    for name in ("model_config", "Config"):
        settings = table.get(name)
        if settings and isinstance(settings.value, dict) and (node := settings.value.get("env_prefix")):
            return node.value if isinstance(node.value, str) else ""
    return ""


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
        if isinstance(node, ast.Attribute) and (name := dotted(node)) in {
            "logging.config",
            "logging.handlers",
        }:
            lines.setdefault(name, node.lineno)
    return lines
