"""Rules that are a single pattern each.

Each pattern backtracks over a bounded length, so that none is slow.
"""

import re
from typing import Final, NamedTuple

from kb.text.masking.marks import Marks, Rule
from kb.text.masking.values import is_public

Guarded = tuple[tuple[str, ...], Rule]
"""Rule and the lower-case words one of which a text must have for the rule to apply."""
_ANY_CASE: Final = "(?i)"
KEYWORD: Final = (
    r"(?:pass(?:words?|wd|phrase|code|wort)|psw?d|pwd|secret|token|credential"
    r"|(?:api|private|access|account|signing|encryption|auth|master)[_-]?key)"
)
"""Part of a name whose value is a secret, in lower case."""


class Shape(NamedTuple):
    """Pattern of a kind of secret."""

    hints: tuple[str, ...]
    name: str
    """Name in the token."""
    regex: str
    """Regular expression; its group `s` is the secret, or the whole match if there is no such group.

    After `(?i)` its letters are lower case: it is matched against the lower-cased text, which is fast.
    """
    checked: bool = False
    """True if prose, references and placeholders in the place of the secret stay."""


def rule_of(shape: Shape) -> Guarded:
    """Return the rule for a kind of secret; its pattern is compiled on use, because most texts need few."""

    def hide(marks: Marks, text: str) -> str:
        pattern = re.compile(shape.regex.removeprefix(_ANY_CASE))
        group: int | str = "s" if "s" in pattern.groupindex else 0
        out, done = [], 0
        for match in pattern.finditer(lower(text) if shape.regex.startswith(_ANY_CASE) else text):
            start, end = match.span(group)
            if start < end and not (shape.checked and is_public(text[start:end].strip("\"'"))):
                out += [text[done:start], marks.hide(text[start:end], shape.name)]
                done = end
        return "".join([*out, text[done:]])

    return shape.hints, hide


def lower(text: str) -> str:
    """Return a text in lower case, every character at its position."""
    # U+0130 is the one capital whose lower case is longer; it would shift every position after it.
    return text.replace("\u0130", "I").lower()


def shape_of(prefix: str) -> str:
    """Return the form of the beginning of a log line: letters and digits without their values."""
    return re.sub(r"[A-Za-z]", "a", re.sub(r"\d", "0", prefix))
