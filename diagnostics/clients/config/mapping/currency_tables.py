"""Currencies as configurations write them: lists of codes or of tables, pairs, or a table by code."""

import re
from collections.abc import Iterator
from typing import Final

from diagnostics.clients.config.tree import EnvRef, Node, Table, Value

CODE: Final = re.compile(r"[A-Z]{3}|[a-z]{3}")
CODES: Final = ("code", "currency", "currency_code", "currencyCode", "iso", "iso_code", "isoCode", "id")
"""Keys of the code in a table of one currency."""
LIMITS: Final = {
    "min_amount": ("min_amount", "minimum_amount", "minAmount", "min", "minimum"),
    "max_amount": ("max_amount", "maximum_amount", "maxAmount", "max", "maximum"),
}
MAX_CODES: Final = 500


def has_currency(table: Table) -> bool:
    """Return True if a table states a currency, or refers to one."""
    default = table.get("default_currency")
    if default is not None and (
        is_code(default.value) or (isinstance(default.value, EnvRef) and _variable(default))
    ):
        return True
    if "supported_currencies" in table and any(True for _ in _codes(table["supported_currencies"])):
        return True
    limits = (table[key].value for key in LIMITS if key in table)
    return any(isinstance(value, dict) and any(map(is_code, value)) for value in limits)


def _variable(node: Node) -> bool:
    value = node.value
    return isinstance(value, EnvRef) and (value.default is None or is_code(value.default))


def is_code(value: object) -> bool:
    """Return True for a text in the form of a currency's code."""
    return isinstance(value, str) and CODE.fullmatch(value) is not None


def as_lists(table: Table) -> Table:
    """Return a table whose `supported_currencies` is a list of codes, with the limits that stood beside them.

    A list of codes in small letters, as Stripe's library takes them, is the same list in capitals.
    """
    node = table.get("supported_currencies")
    if node is None or _is_plain(node.value):
        return _capitals(table)
    found = list(_codes(node))
    if not found:
        return table
    made = dict(table)
    made["supported_currencies"] = Node([Node(code, line) for code, line, _ in found], node.line, node.origin)
    for key, names in LIMITS.items():
        limits: Table = {
            code: limit for code, _, details in found if (limit := _first(details, names)) is not None
        }
        if limits and key not in table:
            made[key] = Node(limits, node.line)
    return _capitals(made)


def _is_plain(value: Value) -> bool:
    return isinstance(value, list) and not any(isinstance(item.value, dict | list) for item in value)


def _codes(node: Node) -> Iterator[tuple[str, int, Table]]:
    """Yield code, line and details of each currency."""
    if isinstance(node.value, dict):
        if node.value and all(map(is_code, node.value)):
            for code, item in node.value.items():
                yield code, item.line, item.value if isinstance(item.value, dict) else {}
        return
    for item in node.value[:MAX_CODES] if isinstance(node.value, list) else ():
        if isinstance(item.value, str):
            yield from [(item.value, item.line, {})] if is_code(item.value) else []
        elif isinstance(item.value, list):
            first = item.value[0].value if item.value else None
            yield from [(str(first), item.line, {})] if is_code(first) else []
        elif isinstance(item.value, dict) and (named := _first(item.value, CODES)) and is_code(named.value):
            yield str(named.value), named.line, item.value


def _first(table: Table, names: tuple[str, ...]) -> Node | None:
    return next((table[name] for name in names if name in table), None)


def _capitals(table: Table) -> Table:
    """Return the table in capitals if all of its codes are in small letters."""
    listed, default = table.get("supported_currencies"), table.get("default_currency")
    codes = [item.value for item in listed.value] if listed and isinstance(listed.value, list) else []
    codes += [default.value] if default else []
    if not codes or not all(is_code(code) and str(code).islower() for code in codes):
        return table
    made = dict(table)
    if listed and isinstance(listed.value, list):
        made["supported_currencies"] = Node(
            [Node(str(item.value).upper(), item.line) for item in listed.value], listed.line, listed.origin
        )
    if default:
        made["default_currency"] = Node(str(default.value).upper(), default.line, default.origin)
    for key in LIMITS:
        limits = made.get(key)
        if limits and isinstance(limits.value, dict):
            made[key] = Node({code.upper(): node for code, node in limits.value.items()}, limits.line)
    return made
