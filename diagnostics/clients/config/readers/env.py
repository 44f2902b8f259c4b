"""Configuration as environment files have it: `KEY=value`, one a line.

The form is what Docker, systemd and python-dotenv have in common. `CLEARPAY_` before a name is left out, and
`MIN_AMOUNT_USD` is `USD` in the table `min_amount`, so that the same rules serve all formats.
"""

import re
from decimal import Decimal

from diagnostics.clients.config.tree import Document, Duplicate, EnvRef, Node, Table, Unreadable, Value

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*=(.*)")
_REFERENCE = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")
"""Longer ones are account numbers and keys."""
_WORDS = {"true": True, "false": False, "none": None, "null": None}
_LISTS = frozenset({"supported_currencies", "events_to_process", "retry_methods"})
_PER_CURRENCY = re.compile(r"(min_amount|max_amount)_([a-z]{3})")
PREFIX = "clearpay_"


def read_env(text: str) -> Document:
    """Read the lines of a file. Raises Unreadable for a line that is none."""
    root: Table = {}
    duplicates: list[Duplicate] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if not found:
            raise Unreadable(f"line {number}: not KEY=value")
        key = found[1].lower().removeprefix(PREFIX)
        table = root
        if limit := _PER_CURRENCY.fullmatch(key):
            held = root.setdefault(limit[1], Node({}, number)).value
            table, key = (held if isinstance(held, dict) else {}), limit[2].upper()
        if key in table:
            duplicates.append(Duplicate(key, table[key].line, number))
        table[key] = Node(_value(key, found[2], number), number)
    return Document(root, tuple(duplicates))


def _value(key: str, written: str, line: int) -> Value:
    text = written.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
        return _listed(text, line) if key in _LISTS else text
    text = re.sub(r"\s+#.*$", "", text)
    if reference := _REFERENCE.fullmatch(text):
        return EnvRef(reference[1] or reference[3], reference[2])
    if key in _LISTS:
        return _listed(text, line)
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _NUMBER.fullmatch(text):
        return Decimal(text) if "." in text else int(text)
    return text


def _listed(text: str, line: int) -> list[Node]:
    return [Node(part.strip(), line) for part in text.split(",") if part.strip()]
