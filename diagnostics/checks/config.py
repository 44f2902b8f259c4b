"""Checks of kind `config`: one key of a configuration file, and the values that are right."""

from decimal import Decimal
from typing import Final

from diagnostics.clients.config.file import SECRETS, ConfigFile, config_tables
from diagnostics.clients.config.tree import EnvRef, Node, Unknown
from diagnostics.engine.context import Context
from diagnostics.engine.events import Value
from diagnostics.errors import CannotTell
from kb.checks.model import Check, ConfigCheck, Constant

HIDDEN: Final = "hidden"
"""Value of a secret in evidence."""


def run_config_check(context: Context, code: str, check: Check, key: ConfigCheck) -> None:
    """Read the key, and record an absent or wrong value as a finding.

    Raises CannotTell for a value that the file alone does not tell, Skip for a file of another role.
    """
    files = config_tables(context, key.file)
    file, node = next(((file, node) for file in files if (node := _node(file, key.key))), (files[0], None))
    if node is None:
        context.evidence(key.key, "absent", expected=_expected(key), ok=not key.required, note=file.name)
        if key.required:
            context.finding(code, check.level)
        return
    value = _value(key, node)
    right = _is_right(key, value)
    shown = HIDDEN if key.key.rpartition(".")[2] in SECRETS else _shown(value)
    context.evidence(key.key, shown, expected=_expected(key), ok=right, note=f"{file.name}:{node.line}")
    if not right:
        context.finding(code, check.level)


def _node(file: ConfigFile, key: str) -> Node | None:
    """Return the key of the table of the file's role, else the dotted key from the root of the file."""
    if key in file.section.table:
        return file.section.table[key]
    table, node = file.document.root, None
    for name in key.split("."):
        node = table.get(name)
        if node is None:
            return None
        table = node.value if isinstance(node.value, dict) else {}
    return node


def _value(key: ConfigCheck, node: Node) -> object:
    value = node.value
    if isinstance(value, EnvRef):
        if value.default is None:
            raise CannotTell(f"{key.key} comes from the environment variable {value.name}")
        return value.default
    if isinstance(value, Unknown):
        raise CannotTell(f"{key.key} is computed ({value.kind}), and files are not run")
    return value


def _is_right(key: ConfigCheck, value: object) -> bool:
    if key.one_of and not any(_same(value, constant) for constant in key.one_of):
        return False
    if key.at_least is None and key.at_most is None:
        return True
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    least = key.at_least is None or value >= key.at_least
    return least and (key.at_most is None or value <= key.at_most)


def _same(value: object, constant: Constant) -> bool:
    return value == constant and isinstance(value, bool) == isinstance(constant, bool)


def _expected(key: ConfigCheck) -> str:
    parts = [
        f"one of {', '.join(map(str, key.one_of))}" if key.one_of else "",
        f"at least {key.at_least:g}" if key.at_least is not None else "",
        f"at most {key.at_most:g}" if key.at_most is not None else "",
    ]
    return ", ".join(filter(None, parts)) or "a value"


def _shown(value: object) -> Value:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Decimal):
        return float(value)
    return "a table" if isinstance(value, dict) else "a list"
