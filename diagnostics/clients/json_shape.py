"""Values of JSON documents by path and type: the one place where the shape of an answer is checked.

A document of a server may have any shape. A value of another type than expected is not a bug of the probe but
an answer that leaves its question open.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from diagnostics.errors import CannotTell

KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


class Misshapen(CannotTell):
    """A value of another type than expected; the message names its path and both types."""


def kind_of(value: object) -> str:
    """Return the type of a JSON value in words."""
    return KINDS.get(type(value), type(value).__name__)


def value_at(document: object, path: str) -> Any:
    """Return the value at a dotted path of a document; None if there is none."""
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def text_at(document: object, path: str) -> str | None:
    """Return the text at a path; None if there is none. Raises Misshapen."""
    value = value_at(document, path)
    if value is None or isinstance(value, str):
        return value
    raise _misshapen(path, value, "a text")


def texts_at(document: object, path: str) -> tuple[str, ...] | None:
    """Return the texts of a list at a path; None if there is none. Raises Misshapen."""
    value = value_at(document, path)
    if value is None:
        return None
    if not isinstance(value, list):
        raise _misshapen(path, value, "a list of texts")
    for item in value:
        if not isinstance(item, str):
            raise Misshapen(f"{path} has {kind_of(item)} among its texts")
    return tuple(value)


def words_at(document: object, path: str) -> tuple[str, ...] | None:
    """Return the texts of a list, or the words of one text; None if there is none. Raises Misshapen."""
    value = value_at(document, path)
    return tuple(value.split()) if isinstance(value, str) else texts_at(document, path)


def number_at(document: object, path: str) -> float:
    """Return the finite number at a path. Raises Misshapen, also if there is none."""
    value = value_at(document, path)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _misshapen(path, value, "a number")
    return value


def object_at(document: object, path: str) -> Mapping[str, Any]:
    """Return the object at a path. Raises Misshapen, also if there is none."""
    value = value_at(document, path)
    if not isinstance(value, dict):
        raise _misshapen(path, value, "an object")
    return value


def objects_at(document: object, path: str) -> tuple[Mapping[str, Any], ...]:
    """Return the list of objects at a path; an empty one if there is none. Raises Misshapen."""
    value = value_at(document, path)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _misshapen(path, value, "a list of objects")
    return tuple(value)


def _misshapen(path: str, value: object, expected: str) -> Misshapen:
    return Misshapen(f"{path} is {kind_of(value)}, not {expected}")
