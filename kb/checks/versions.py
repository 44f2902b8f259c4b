"""Ranges of major versions of PostgreSQL, as checks declare them: `>=13,<17`."""

import operator
import re
from collections.abc import Callable
from typing import Final

_CONDITION: Final = re.compile(r"(>=|<=|<|>|==|!=) ?([1-9][0-9]?)")
_COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}


def is_range(text: str) -> bool:
    """Return True for conditions on a major version, separated by commas."""
    return all(_CONDITION.fullmatch(part.strip()) for part in text.split(","))


def includes(text: str, major: int) -> bool:
    """Return True if a major version meets all conditions; an empty text includes all."""
    conditions = [_CONDITION.fullmatch(part.strip()) for part in text.split(",")] if text else []
    return all(_COMPARE[condition[1]](major, int(condition[2])) for condition in conditions if condition)
