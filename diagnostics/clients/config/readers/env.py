"""Reader of environment files: `KEY=value` as Docker, systemd and python-dotenv read them.

A value in quotes may go over several lines. Names stay as they are written.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from diagnostics.clients.config.tree import (
    Document,
    Duplicate,
    EnvRef,
    Node,
    Scalar,
    Texts,
    Unreadable,
    Value,
)

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*(?:[=]|:\s)(.*)", re.DOTALL)
_BARE = re.compile(r"\s*(?:export\s+)?[A-Za-z_]\w*\s*")
"""Name without a value: Docker takes the value of its own environment, python-dotenv none."""
_OPENED = re.compile(r"""\s*(?:export\s+)?[A-Za-z_][\w.-]*\s*=\s*(["'])""")
_REFERENCE = re.compile(r"\$\{(\w+)(?::?[-?]([^}]*))?\}|\$(\w+)")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")
"""Longer digits are account numbers or keys, not numbers."""
_COMMENT = re.compile(r"\s+#.*$")
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "none": None, "null": None}
MAX_VALUE_LINES = 200
"""Lines of one value, as of a private key."""


def read_env(text: str) -> Document:
    """Parse a file. Raises Unreadable for a line that is not an assignment."""
    root = Texts()
    duplicates: list[Duplicate] = []
    for number, line in _statements(text):
        assignment = _LINE.fullmatch(line)
        if not assignment and not _BARE.fullmatch(line):
            raise Unreadable(f"line {number}: not KEY=value")
        key = assignment[1] if assignment else line.split()[-1]
        if key in root:
            duplicates.append(Duplicate(key, root[key].line, number))
        root[key] = Node(_value(assignment[2]) if assignment else EnvRef(key), number)
    return Document(root, tuple(duplicates))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each assignment with the number of its first line, without blank lines and comments."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line, first = lines[number], number + 1
        number += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        opened = _OPENED.match(line)
        if opened and not _closes(line[opened.end() :], opened[1]):
            rest = lines[number : number + MAX_VALUE_LINES]
            more = next((at for at, part in enumerate(rest, 1) if _closes(part, opened[1])), 0)
            line = "\n".join([line, *rest[:more]])
            number += more
        yield first, line


def _closes(rest: str, quote: str) -> bool:
    return quote in rest.replace(f"\\{quote}", "")


def _value(written: str) -> Value:
    text = written.strip()
    if text[:1] in {'"', "'"} and (end := _end_of_quotes(text)):
        return _referenced(text[1:end]) if text[0] == '"' else text[1:end]
    return typed(_COMMENT.sub("", text) if not text.startswith("#") else "")


def _end_of_quotes(text: str) -> int:
    """Return the position of the closing quote, 0 if there is none, or if a value goes on after it."""
    end = text.find(text[0], 1)
    while end > 0 and text[end - 1] == "\\":
        end = text.find(text[0], end + 1)
    after = text[end + 1 :].strip() if end > 0 else ""
    return end if end > 0 and (not after or after.startswith("#")) else 0


def typed(text: str) -> Value:
    """Return the value of a text of an environment: a number, a truth value, a reference, or the text."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _NUMBER.fullmatch(text):
        return Decimal(text) if "." in text else int(text)
    return _referenced(text)


def _referenced(text: str) -> Value:
    reference = _REFERENCE.fullmatch(text)
    return EnvRef(reference[1] or reference[3], reference[2] or None) if reference else text
