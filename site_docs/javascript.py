"""Patterns and tables of Python's modules in the form in which JavaScript takes them.

The page's matcher has no tables of its own: what is tuned in `kb` is tuned on the page.
"""

import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

_WORD: Final = r"\p{L}\p{N}_"
_BOUNDARY: Final = rf"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
_NOT_UNDERSCORE: Final = r"[^\W_]"
_OUTSIDE: Final = {
    r"\w": f"[{_WORD}]",
    r"\W": f"[^{_WORD}]",
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\b": _BOUNDARY,
    r"\A": r"(?<![\s\S])",
    r"\Z": r"(?![\s\S])",
}
_INSIDE: Final = {r"\w": _WORD, r"\d": r"\p{Nd}", r"\D": r"\P{Nd}"}
"""Python's classes know all scripts; those of JavaScript know ASCII."""
_SYNTAX: Final = frozenset("^$\\.*+?()[]{}|/")
_PIECES: Final = re.compile(r"\\.|\(\?P<|\[\^\\W_\]|[^\\]", re.DOTALL)


def pattern(regex: str | re.Pattern[str]) -> dict[str, str]:
    """The source and the flags of a RegExp that finds what Python's pattern finds."""
    flags = re.compile(regex).flags
    source = regex if isinstance(regex, str) else regex.pattern
    source = re.sub(r"^\(\?[ims]+\)", "", source)
    names = [(re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s")]
    made = "u" + "".join(letter for flag, letter in names if flags & flag)
    ascii_only, by_line = bool(flags & re.ASCII), bool(flags & re.MULTILINE)
    return {"source": _translated(source, ascii_only=ascii_only, by_line=by_line), "flags": made}


def _translated(source: str, *, ascii_only: bool, by_line: bool) -> str:
    out, inside = "", False
    for piece in _PIECES.findall(source):
        if piece == _NOT_UNDERSCORE:
            out += r"[\p{L}\p{N}]"
            continue
        out += _said(piece, inside=inside, ascii_only=ascii_only, by_line=by_line)
        if piece == "[":
            inside = True
        elif piece == "]" and not out.endswith(("[]", "[^]")):
            inside = False
    return out


def _said(piece: str, *, inside: bool, ascii_only: bool, by_line: bool) -> str:
    if piece == "(?P<":
        return "(?<"
    if piece == "$" and not inside and not by_line:
        return r"(?=\n?(?![\s\S]))"
    if piece == "[" and inside:
        return r"\["
    if len(piece) == 2:  # noqa: PLR2004  a backslash and what it escapes
        return _escape(piece, inside=inside, ascii_only=ascii_only)
    return piece if piece.isascii() and piece.isprintable() else f"\\u{{{ord(piece):x}}}"


def _escape(piece: str, *, inside: bool, ascii_only: bool) -> str:
    known = (_INSIDE if inside else _OUTSIDE).get(piece)
    if known and not (ascii_only and piece in {r"\w", r"\d", r"\b"}):
        return known
    letter = piece[1]
    if letter.isalnum() or letter in _SYNTAX or (inside and letter == "-"):
        return piece
    return letter


def tables(module: ModuleType) -> dict[str, Any]:
    """The constants of a module that are plain data, by name without a leading underscore."""
    constants = {
        name.lstrip("_"): value for name, value in vars(module).items() if name.lstrip("_").isupper()
    }
    return {name: plain for name, value in constants.items() if (plain := _plain(value)) is not None}


def patterns(module: ModuleType, *texts: str) -> dict[str, dict[str, str]]:
    """The compiled patterns of a module, and those of its texts that are patterns by these names."""
    constants = {
        name.lstrip("_"): value for name, value in vars(module).items() if name.lstrip("_").isupper()
    }
    return {
        name: pattern(value)
        for name, value in constants.items()
        if isinstance(value, re.Pattern) or name in texts
    }


def _plain(value: object) -> Any:
    """A constant as JSON has it; None for anything else."""
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, (frozenset, set)):
        return sorted(_plain(item) for item in value)
    if isinstance(value, Mapping):
        return {chr(key) if isinstance(key, int) else key: _plain(item) for key, item in value.items()}
    return None
