"""Syntax of newer versions of Python, rewritten for the one that runs this program, line by line.

PEP 758 drops the parentheses of `except A, B:`. PEP 695 adds `def f[T](x: T)`, `class C[T]` and
`type X = ...`. Names of types matter to no rule, so they are left out.
"""

import re
from collections.abc import Iterator
from typing import Final

EXCEPT: Final = re.compile(r"^(\s*except\*?\s+)([\w.]+\s*(?:,\s*[\w.]+\s*)+?)(\s*:)", re.MULTILINE)
OF_PYTHON_2: Final = re.compile(r"[\w.]+\s*,\s*(?:[a-z_]\w*|[A-Z])\s*")
"""`except Error, error:`, which binds a name."""
DEFINITION: Final = re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+\w+[ \t]*(?=\[)", re.MULTILINE)
ALIAS: Final = re.compile(r"^([ \t]*)type[ \t]+(\w+)[ \t]*(?=\[|=(?!=))", re.MULTILINE)
MAX_PARAMETERS: Final = 2000
"""Characters of a list of type parameters."""


def rewritten(text: str) -> str:
    """Return a text without the syntax that is newer than this program's Python may be."""
    text = EXCEPT.sub(_in_parentheses, text)
    text = "".join(_without_parameters(text, DEFINITION))
    return ALIAS.sub(r"\1\2 ", "".join(_without_parameters(text, ALIAS)))


def _in_parentheses(found: re.Match[str]) -> str:
    if OF_PYTHON_2.fullmatch(found[2]):
        return found[0]
    return f"{found[1]}({found[2]}){found[3]}"


def _without_parameters(text: str, head: re.Pattern[str]) -> Iterator[str]:
    """Yield the parts of a text, with a space for each list of type parameters behind a head."""
    start = 0
    for found in head.finditer(text):
        end = _closing(text, found.end()) if text[found.end()] == "[" else 0
        if end and found.end() >= start:
            yield text[start : found.end()]
            yield " \\\n" * text.count("\n", found.end(), end)
            start = end
    yield text[start:]


def _closing(text: str, opening: int) -> int:
    """Return the index after the bracket that closes the one at `opening`; 0 if there is none."""
    depth = 0
    for index in range(opening, min(len(text), opening + MAX_PARAMETERS)):
        depth += {"[": 1, "]": -1}.get(text[index], 0)
        if not depth:
            return index + 1
    return 0
