"""JSON (RFC 8259) from servers and files, bounded in size, depth and digits.

The standard library's parser is recursive, refuses integers of more than 4,300 digits with another error, and
returns halves of surrogate pairs, which no encoder accepts.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from kb.parsers.malformed import Malformed

MAX_CHARS: Final = 10_000_000
MAX_DEPTH: Final = 100
"""Levels of arrays and objects, so that recursive code stays far from Python's limit."""
MAX_DIGITS: Final = 300
"""Digits of an integer; one with more becomes a float, perhaps an infinity, as in JavaScript."""
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)
_MANY_DIGITS: Final = re.compile(rf"\d{{{MAX_DIGITS + 1}}}")
_SURROGATE: Final = re.compile(
    r"\\\\"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2}|[\ud800-\udfff])"
)
"""Escaped backslash, pair of escaped surrogates, or half of a pair."""


def parse_json(
    data: str | bytes,
    *,
    max_chars: int = MAX_CHARS,
    members: Callable[[list[tuple[str, Any]]], Any] | None = None,
    numbers: Callable[[str], Any] | None = None,
) -> Any:
    """Parse a document. Raises Malformed.

    Halves of surrogate pairs become U+FFFD. `members` builds the value of an object from its members in their
    order, as `object_pairs_hook` of `json.loads`; default: a dict. `numbers` builds the value of a number
    from its text; with it, `NaN` and `Infinity`, which JSON does not have, are malformed.
    """
    text = _decoded(data, max_chars)
    _check_depth(text)
    if "\\u" in text or not text.isascii():
        text = _SURROGATE.sub(lambda match: "\ufffd" if match["half"] else match[0], text)
    bounded = _bounded_integer if _MANY_DIGITS.search(text) else None
    try:
        return json.loads(
            text,
            object_pairs_hook=members,
            parse_int=numbers or bounded,
            parse_float=numbers,
            parse_constant=_refuse if numbers else None,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise Malformed(f"{error.msg}: {place}", error.lineno) from None
    except RecursionError:  # a caller that is itself deep in recursion
        raise Malformed(f"nested more than {MAX_DEPTH} levels deep") from None


def _refuse(name: str) -> None:
    raise Malformed(f"{name} is not JSON")


def _decoded(data: str | bytes, max_chars: int) -> str:
    if len(data) > max_chars:
        raise Malformed(f"longer than {max_chars} characters")
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode(json.detect_encoding(data), "surrogatepass").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Malformed(f"not {error.encoding}: byte {error.start}") from None


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "open":
            depth += 1
            if depth > MAX_DEPTH:
                line = text.count("\n", 0, token.start()) + 1
                raise Malformed(f"nested more than {MAX_DEPTH} levels deep: line {line}", line)
        elif token.lastgroup == "close":
            depth -= 1


def _bounded_integer(digits: str) -> float:
    return float(digits) if len(digits) > MAX_DIGITS else int(digits)
