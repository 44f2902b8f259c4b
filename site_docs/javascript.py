"""Translation of Python's patterns and constants to JavaScript.

The matcher of the site has no tables of its own: a change of weights or patterns in `kb` reaches the site.
"""

import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from kb.text.lazy_patterns import LazyPattern

_WORD: Final = r"\p{L}\p{N}_"
_BOUNDARY: Final = rf"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
_NOT_UNDERSCORE: Final = r"[^\W_]"
_OUTSIDE_CLASS: Final = {
    r"\w": f"[{_WORD}]",
    r"\W": f"[^{_WORD}]",
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\b": _BOUNDARY,
    r"\A": r"(?<![\s\S])",
    r"\Z": r"(?![\s\S])",
}
_INSIDE_CLASS: Final = {r"\w": _WORD, r"\d": r"\p{Nd}", r"\D": r"\P{Nd}"}
"""Python's character classes cover all scripts; those of JavaScript cover ASCII."""
_SYNTAX: Final = frozenset("^$\\.*+?()[]{}|/")
_INLINE_FLAGS: Final = re.compile(r"\(\?([aims]+)\)")
_PIECES: Final = re.compile(r"\\.|\(\?P<|\[\^\\W_\]|[^\\]", re.DOTALL)


def pattern(regex: str | re.Pattern[str]) -> dict[str, str]:
    """Return the source and the flags of a RegExp that matches what a Python pattern matches."""
    source = regex if isinstance(regex, str) else regex.pattern
    inline = _INLINE_FLAGS.match(source)
    python_flags = _flags(inline[1] if inline else "") if isinstance(regex, str) else regex.flags
    source = source[inline.end() :] if inline else source
    names = [(re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s")]
    flags = "u" + "".join(letter for flag, letter in names if python_flags & flag)
    ascii_only, multiline = bool(python_flags & re.ASCII), bool(python_flags & re.MULTILINE)
    return {"source": _translate(source, ascii_only=ascii_only, multiline=multiline), "flags": flags}


def _flags(letters: str) -> int:
    """Return the flags of a pattern as text: only its beginning can set them, so it need not be compiled."""
    return sum(getattr(re, letter.upper()) for letter in letters)


def _translate(source: str, *, ascii_only: bool, multiline: bool) -> str:
    out, in_class = "", False
    for piece in _PIECES.findall(source):
        if piece == _NOT_UNDERSCORE:
            out += r"[\p{L}\p{N}]"
            continue
        out += _translate_piece(piece, in_class=in_class, ascii_only=ascii_only, multiline=multiline)
        if piece == "[":
            in_class = True
        elif piece == "]" and not out.endswith(("[]", "[^]")):
            in_class = False
    return out


def _translate_piece(piece: str, *, in_class: bool, ascii_only: bool, multiline: bool) -> str:
    if piece == "(?P<":
        return "(?<"
    if piece == "$" and not in_class and not multiline:
        return r"(?=\n?(?![\s\S]))"
    if piece == "[" and in_class:
        return r"\["
    if len(piece) == 2:  # noqa: PLR2004  a backslash and the character that it escapes
        return _translate_escape(piece, in_class=in_class, ascii_only=ascii_only)
    return piece if piece.isascii() and piece.isprintable() else f"\\u{{{ord(piece):x}}}"


def _translate_escape(piece: str, *, in_class: bool, ascii_only: bool) -> str:
    translation = (_INSIDE_CLASS if in_class else _OUTSIDE_CLASS).get(piece)
    if translation and not (ascii_only and piece in {r"\w", r"\d", r"\b"}):
        return translation
    letter = piece[1]
    if letter.isalnum() or letter in _SYNTAX or (in_class and letter == "-"):
        return piece
    return letter


def tables(module: ModuleType) -> dict[str, Any]:
    """Return the constants of a module that are plain data, by name without a leading underscore."""
    values = {name: _json_value(value) for name, value in _constants(module).items()}
    return {name: value for name, value in values.items() if value is not None}


def patterns(module: ModuleType, *texts: str) -> dict[str, dict[str, str]]:
    """Return the compiled patterns of a module, and those of its constants that `texts` names as patterns."""
    return {
        name: pattern(value)
        for name, value in _constants(module).items()
        if isinstance(value, (re.Pattern, LazyPattern)) or name in texts
    }


def _constants(module: ModuleType) -> dict[str, Any]:
    return {name.lstrip("_"): value for name, value in vars(module).items() if name.lstrip("_").isupper()}


def _json_value(value: object) -> Any:
    """Return a constant as JSON has it; None for anything else."""
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (tuple, list)):
        return [_json_value(item) for item in value]
    if isinstance(value, (frozenset, set)):
        return sorted(_json_value(item) for item in value)
    if isinstance(value, Mapping):
        return {chr(key) if isinstance(key, int) else key: _json_value(item) for key, item in value.items()}
    return None
