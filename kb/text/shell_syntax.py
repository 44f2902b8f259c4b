"""Positions in a shell command at which a quoted word is read as one word."""

import re
from collections.abc import Iterator
from typing import Final

_WORD_ENDS: Final = frozenset(" \t\n;|&()<>")
_CLOSING: Final = {"'": "'", '"': '"', "`": "`", "(": ")", "#": "\n"}
"""Character that ends a context, by the one that began it."""
_HERE_DOCUMENT: Final = re.compile(r"(?<!<)<<(?!<)")


def plain_positions(command: str) -> set[int]:
    """Return the positions outside of quotes, backticks, comments and here-documents.

    A word that is inserted at another position would have to be quoted for what surrounds it as well. The
    inside of `$(...)` is plain again, also between double quotes (POSIX 2.2.3, 2.6.3).
    """
    here_document = _HERE_DOCUMENT.search(command)
    end = here_document.start() if here_document else len(command)
    return {position for position, plain in _positions(command) if plain and position < end}


def _positions(command: str) -> Iterator[tuple[int, bool]]:
    """Yield each position, and whether it is plain."""
    stack: list[str] = []
    backticks = 0
    escaped = False
    before = " "
    for position, character in enumerate(command):
        context = stack[-1] if stack else ""
        yield position, not escaped and context in {"", "("} and not backticks
        if escaped:
            escaped = False
        elif character == "\\" and context not in {"'", "#"}:
            escaped = True
        else:
            backticks += _step(stack, context, character, before)
        before = character


def _step(stack: list[str], context: str, character: str, before: str) -> int:
    """Enter or leave quotes, a substitution or a comment at a character that is not escaped.

    Return the change of the number of substitutions by backticks.
    """
    if character == _CLOSING.get(context):
        return -int(stack.pop() == "`")
    if context in {"'", "#"} or not _opens(context, character, before):
        return 0
    stack.append(character)
    return int(character == "`")


def _opens(context: str, character: str, before: str) -> bool:
    """Return True if a character opens a context within `context`."""
    if character == "#":
        return context != '"' and before in _WORD_ENDS
    if context == '"':
        return character == "`" or (character == "(" and before == "$")
    return character in {"'", '"', "`", "("}
