"""Values that a setting can have.

A table of labels, of names or of types may have the same keys, and is not about settings.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from diagnostics.clients.config.mapping.durations import duration
from diagnostics.clients.config.mapping.key_names import FORMS, normal
from diagnostics.clients.config.tree import EnvRef, Table, Unknown, Value

NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:[._][0-9]+)*")
SUBSTITUTED: Final = re.compile(r"\$\{?\w|\{\{|%\(|<%|!\w|^\s*$")
"""Places that a deployment fills in, and nothing at all."""
TRUTHS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "1", "0"})
MAX_TIMES: Final = 4
"""Numbers of a tuple of timeouts."""
_NAMES: Final = frozenset(form for forms in FORMS.values() for names in forms.values() for form in names)


def is_plausible(table: Table, role: str) -> bool:
    """Return True if each value of a table of a role has a type and a form that its setting can have."""
    if role == "logging":
        return True
    return all(_CHECKS.get(setting, _is_anything)(node.value) for setting, node in table.items())


def _is_anything(_value: Value) -> bool:
    return True


def _is_open(value: Value) -> bool:
    """Return True for a value that stands elsewhere."""
    return (
        value is None
        or isinstance(value, EnvRef | Unknown)
        or (isinstance(value, str) and SUBSTITUTED.search(value) is not None)
    )


def _is_number(value: Value) -> bool:
    if isinstance(value, str):
        return NUMBER.fullmatch(value.strip()) is not None or duration(value) is not None
    return isinstance(value, int | float | Decimal)


def _is_time(value: Value) -> bool:
    if isinstance(value, dict):
        return all(_is_time(node.value) for node in value.values())
    if isinstance(value, list):
        return len(value) <= MAX_TIMES and all(_is_time(node.value) for node in value)
    return _is_open(value) or _is_number(value)


def _is_count(value: Value) -> bool:
    return _is_open(value) or _is_number(value)


def _is_truth(value: Value) -> bool:
    return _is_open(value) or isinstance(value, bool | int) or str(value).strip().lower() in TRUTHS


def _is_word(value: Value) -> bool:
    """Return True for a text without white space in it that is not the name of a setting."""
    if _is_open(value) or (isinstance(value, int) and not isinstance(value, bool)):
        return True
    return isinstance(value, str) and len(value.split()) == 1 and normal(value) not in _NAMES


def _is_list(value: Value) -> bool:
    """Return True for a list of words, or for a text of them."""
    if isinstance(value, list):
        return all(_is_word(node.value) for node in value)
    return not isinstance(value, dict)


_CHECKS: Final[Mapping[str, Callable[[Value], bool]]] = {
    **dict.fromkeys(("connection_timeout", "read_timeout", "timeout", "retry_delay"), _is_time),
    **dict.fromkeys(("max_retries", "backoff_factor", "tolerance_seconds"), _is_count),
    **dict.fromkeys(("verify_signatures", "idempotency_keys"), _is_truth),
    **dict.fromkeys(("api_key", "merchant_id", "secret_key", "environment"), _is_word),
    **dict.fromkeys(("webhook_secret", "signature_header"), _is_word),
    **dict.fromkeys(("events_to_process", "retry_methods"), _is_list),
}
