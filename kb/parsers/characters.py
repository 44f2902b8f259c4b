"""Characters that files may not contain: a terminal or a reader takes them for something else."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

UNSAFE: Final = re.compile(
    "(?P<control>[\x00-\x08\x0b-\x1f\x7f-\x9f])"
    "|(?P<direction>[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])"
    "|(?P<break>[\n\t\u2028\u2029])"
    "|(?P<invisible>[\u00ad\u034f\u180e\u200b-\u200d\u2060-\u2064\ufeff\ud800-\udfff\U000e0000-\U000e007f])"
)
KINDS: Final[Mapping[str, str]] = {
    "control": "a control character",
    "direction": "a character that reverses the direction of text",
    "break": "a line break or tab",
    "invisible": "an invisible character",
}
_LINES: Final = frozenset("\n\t")


def unsafe_character(text: str, *, lines: bool = False) -> str:
    """Return the kind and the code point of the first unsafe character; empty if there is none.

    `lines` allows line feeds and tabs.
    """
    if text.isascii() and text.isprintable():
        return ""
    for match in UNSAFE.finditer(text):
        if not (lines and match[0] in _LINES):
            return f"{KINDS[match.lastgroup or '']} (U+{ord(match[0]):04X})"
    return ""


def unsafe_texts(
    value: Any, has_lines: Callable[[tuple[str, ...]], bool], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the path of each key and each text with an unsafe character, and the character.

    `value` is plain data of bounded depth. `has_lines` returns True for the path of a text with lines.
    """
    if isinstance(value, str):
        if found := unsafe_character(value, lines=has_lines(path)):
            yield path, found
    elif isinstance(value, Mapping):
        for key, item in value.items():
            name = str(key)
            if found := unsafe_character(name):
                yield (*path, printable_name(name)), f"{found} in the name"
            yield from unsafe_texts(item, has_lines, (*path, printable_name(name)))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from unsafe_texts(item, has_lines, (*path, str(number)))


def printable_name(text: str) -> str:
    """Return a text for a message, each unprintable character replaced by a question mark."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)
