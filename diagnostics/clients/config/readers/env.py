"""Reader of environment files: one `KEY=value` per line, as Docker, systemd and python-dotenv read them.

The prefix `CLEARPAY_` is removed from names, and `MIN_AMOUNT_USD` becomes `USD` in the table `min_amount`, so
that the same rules apply to all formats.
"""

import re
from decimal import Decimal

from diagnostics.clients.config.tree import Document, Duplicate, EnvRef, Node, Table, Unreadable, Value

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*=(.*)")
_REFERENCE = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")
"""Longer digits are account numbers or keys, not numbers."""
_WORDS = {"true": True, "false": False, "none": None, "null": None}
_LISTS = frozenset({"supported_currencies", "events_to_process", "retry_methods"})
_PER_CURRENCY = re.compile(r"(min_amount|max_amount)_([a-z]{3})")
PREFIX = "clearpay_"


def read_env(text: str) -> Document:
    """Parse a file. Raises Unreadable for a line that is not an assignment."""
    root: Table = {}
    duplicates: list[Duplicate] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        assignment = _LINE.fullmatch(line)
        if not assignment:
            raise Unreadable(f"line {number}: not KEY=value")
        key = assignment[1].lower().removeprefix(PREFIX)
        table = root
        if limit := _PER_CURRENCY.fullmatch(key):
            limits = root.setdefault(limit[1], Node({}, number)).value
            table, key = (limits if isinstance(limits, dict) else {}), limit[2].upper()
        if key in table:
            duplicates.append(Duplicate(key, table[key].line, number))
        table[key] = Node(_value(key, assignment[2], number), number)
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
