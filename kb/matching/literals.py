"""Literals of entries: strings of which each proof of an entry contains one, for search in bulk.

A literal is a lower-case fragment of a line as programs print it. It selects lines; it proves nothing.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from kb.matching.index import Index
from kb.text.sign_names import ASYNCPG, ERRNO_CLASSES, ERRNO_NUMBERS, ERRNO_TEXTS, SQLSTATES, VERIFY_CODES

_QUOTES: Final = "\"'\\"
_ASSIGNMENT: Final = " = "
"""Mark of a source line: templates have it on one line with the frame that a traceback has before it."""
COMMON: Final = frozenset(("hostname", "https://", "http://"))
"""Fragments that stand in every line of some logs: a field of pino and journald, and addresses."""
_WEAK_KIND: Final = "http_status"
"""Kind of sign that proves nothing by itself: any web server prints the number."""


def literals_of(index: Index) -> Mapping[str, frozenset[str]]:
    """Return the literals of each entry by its id, in lower case.

    A text that proves the entry, by a template or a typed sign, contains at least one of them.
    """
    found: dict[int, set[str]] = {number: set() for number in range(len(index["entries"]))}
    for template in index["templates"]:
        literal = _longest_fragment(template["parts"])
        for owner in template["owners"] if literal else ():
            found[owner].update(_written_forms(literal))
    for sign, owners in index["signs"].items():
        for owner in owners:
            found[owner].update(text for text in _sign_literals(sign) if text)
    for name, owners in index["names"].items():
        for owner in owners if name not in index["weak"] else ():
            found[owner].add(name.rpartition(".")[2])
    for module, owners in index["modules"].items():
        for owner in owners:
            found[owner].add(f"{module}.")
    return {index["entries"][number]["id"]: frozenset(texts) for number, texts in found.items()}


def _longest_fragment(parts: list[str]) -> str:
    """Return the longest run of a template without holes and quotes: JSON logs escape the quotes.

    A run that stands in every line of some logs is taken only if there is no other.
    """
    fragments = [fragment.strip() for part in parts for fragment in _between_quotes(part)]
    return max(fragments, key=lambda fragment: (fragment not in COMMON, len(fragment)), default="")


def _between_quotes(part: str) -> list[str]:
    part = part.replace(_ASSIGNMENT, "\n")
    for quote in _QUOTES:
        part = part.replace(quote, "\n")
    return part.split("\n")


def _written_forms(literal: str) -> Iterator[str]:
    """Yield a literal as it is and as JSON writes letters that are not ASCII."""
    yield literal
    if not literal.isascii():
        yield json.dumps(literal)[1:-1].lower()


def _sign_literals(sign: str) -> Iterator[str]:
    """Yield the strings by which a line can have a typed sign."""
    kind, _, value = sign.partition(" ")
    if kind == _WEAK_KIND:
        return
    name = value.rpartition(".")[2]
    yield name.lower() if kind != "verify_code" else f"verify return code: {value}"
    if kind == "sqlstate":
        yield from _class_names(value)
    elif kind == "errno":
        yield ERRNO_CLASSES.get(value, "").lower()
        yield from (text.lower() for text, code in ERRNO_TEXTS.items() if code == value)
        for number in (number for number, code in ERRNO_NUMBERS.items() if code == value):
            yield from (f"errno {number}", f"errno: {number}", f"errno: -{number}", f"errno={number}")
    elif kind == "verify_code":
        yield from (f"verify error:num={value}", f"verify_code {value}", f"verify_code={value}")
        yield from (text.lower() for text, code in VERIFY_CODES.items() if code == value)


def _class_names(sqlstate: str) -> Iterator[str]:
    """Yield the names that drivers give to the class of an SQLSTATE."""
    names = {name for name, code in SQLSTATES.items() if code == sqlstate}
    yield from (name.lower() for name in names)
    yield from (name.lower() for name, other in ASYNCPG.items() if other in names)
