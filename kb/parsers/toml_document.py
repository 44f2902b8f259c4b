"""TOML 1.0 of people's files, bounded in size, depth, key paths and digits.

The standard library's parser is recursive, takes quadratic time for a key of many parts, and refuses integers
of more than 4,300 digits with an error of its own.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kb.parsers.malformed import Malformed

MAX_CHARS: Final = 1_000_000
MAX_DEPTH: Final = 32
"""Levels of arrays and inline tables."""
MAX_KEY_PARTS: Final = 16
"""Parts of a dotted key or of the name of a table."""
MAX_WORD: Final = 200
"""Characters of a number, or of a key without quotes."""
MIN_INTEGER: Final = -(2**63)
MAX_INTEGER: Final = 2**63 - 1
"""Limits of an integer in TOML 1.0."""
_TOKEN: Final = re.compile(
    r'''
      (?P<string> """(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{0,5} | \'\'\'(?:[^']++|'{1,2}(?!'))*+'{0,5}
                | "(?:[^"\\\n]++|\\.)*+"? | '[^'\n]*+'? )
    | (?P<comment> \#[^\n]*+ )
    | (?P<open> [\[{] )
    | (?P<close> [\]}] )
    | (?P<dot> \. )
    | (?P<word> [\w+:-]++ )
    | (?P<space> [ \t]++ )
    | (?P<other> . )
    ''',
    re.VERBOSE | re.DOTALL,
)
_VALUE: Final = "value"


def parse_toml(data: str | bytes) -> dict[str, Any]:
    """Parse a document. Raises Malformed."""
    import tomllib  # noqa: PLC0415  a command without a target file does not need it

    text = _decoded(data)
    _check_limits(text)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Malformed(str(error)) from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise Malformed(f"a value cannot be read: {type(error).__name__}") from None
    for path in _large_integers(document, ""):
        raise Malformed(f"{path}: an integer beyond 64 bits")
    return document


def parse_toml_value(text: str) -> Any:
    """Return the value of TOML that a text is, otherwise the text itself. Raises Malformed for a limit."""
    import tomllib  # noqa: PLC0415  as above

    _check_limits(text)
    try:
        document = tomllib.loads(f"{_VALUE} = {text}")
    except (ValueError, OverflowError, RecursionError):
        return text
    if document.keys() != {_VALUE}:
        return text  # further lines would be keys of their own
    if any(_large_integers(document, "")):
        raise Malformed("an integer beyond 64 bits")
    return document[_VALUE]


def _decoded(data: str | bytes) -> str:
    if len(data) > MAX_CHARS:
        raise Malformed(f"larger than {MAX_CHARS} characters")
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(f"not UTF-8 (at line {line})", line) from None


def _check_limits(text: str) -> None:
    """Raise Malformed if the text exceeds a limit; it need not be valid TOML."""
    depth = dots = 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        if kind == "dot":
            dots += 1
        elif kind not in {"word", "string", "space"}:
            dots = 0
        if problem := _exceeded(depth, dots, len(token[0]) if kind == "word" else 0):
            line = text.count("\n", 0, token.start()) + 1
            raise Malformed(f"{problem} (at line {line})", line)


def _exceeded(depth: int, dots: int, length: int) -> str:
    if depth > MAX_DEPTH:
        return f"nested more than {MAX_DEPTH} levels deep"
    if dots >= MAX_KEY_PARTS:
        return f"a key of more than {MAX_KEY_PARTS} parts"
    return f"a number or a key of more than {MAX_WORD} characters" if length > MAX_WORD else ""


def _large_integers(value: Any, path: str) -> Iterator[str]:
    """Yield the key paths of integers beyond the limits."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _large_integers(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from _large_integers(item, path)
    elif isinstance(value, int) and not MIN_INTEGER <= value <= MAX_INTEGER:
        yield path
