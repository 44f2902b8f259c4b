"""What a text is for: a report of trouble, or a plan, a wish or a question that names our things too."""

import re
from collections.abc import Iterable
from typing import Final

from kb.matching.index import Index
from kb.matching.parsed_text import ParsedText, mentions

_CHANGE: Final = re.compile(
    r"(?:feat|fix|docs?|chore|test|ci|build|refactor|perf|style)(?:\([^()\n]{0,40}\))?!?: "
)
"""How commits and their reviews are titled."""
_FIRST: Final = re.compile(r"[^a-z]{0,9}([a-z]+)")
_WHOLE_WORD: Final = 3
"""Letters; a longer word of trouble is the beginning of others."""


def plans(reading: ParsedText, index: Index) -> bool:
    """Whether a text proposes, documents or announces a change: what it names did not happen."""
    lower = reading.folded.lower
    if _CHANGE.match(lower) or mentions(lower, index["wishes"]):
        return True
    first = _FIRST.match(lower)
    if first and first[1] in index["plans"]:
        return True
    asks = bool(first and first[1] in index["asks"]) or any(
        phrase in lower for phrase in index["asks"] if " " in phrase
    )
    return asks and not _has(reading.tokens, index["failures"])


def tells_of_trouble(reading: ParsedText, index: Index) -> bool:
    """Whether anything is wrong by the text's own words."""
    return _has(reading.tokens, index["trouble"])


def _has(tokens: Iterable[str], known: list[str]) -> bool:
    beginnings = tuple(word for word in known if len(word) > _WHOLE_WORD)
    return any(word in known or word.startswith(beginnings) for word in tokens)
