"""Ids of the steps of a fix, by which a script consents to them.

An id has words of the title: a step that is inserted before it changes nothing, and one that does something
else has another title, so that an old consent no longer covers it.
"""

import re
from collections.abc import Sequence
from typing import Final

from kb.records.models import Cause

MAX_WORDS: Final = 4
CONDITION: Final = re.compile(r"\s*(?:If|Or)\b[^:,]*[:,]\s*|\s*Or\s+")
"""Beginning of the title of a step that is one of several: the rest is its action."""
_SMALL_WORDS: Final = re.compile(
    r"a|all|an|and|are|as|at|by|for|from|has|have|in|into|is|its?|of|on|or|so|that|the|their|then|to|until|"
    r"which|while|who|with"
)


def step_ids(cause: Cause) -> tuple[str, ...]:
    """Return the id of each step of a cause, `<finding>:<words of its title>`."""
    return tuple(f"{cause.finding}:{name}" for name in _names([step.title for step in cause.fix]))


def is_alternative(title: str) -> bool:
    """Return True for a step that is needed only if its condition holds."""
    return bool(CONDITION.match(title))


def _names(titles: Sequence[str]) -> list[str]:
    names: list[str] = []
    for title in titles:
        name = _name(title)
        same = sum(1 for other in names if other == name or re.fullmatch(rf"{name}-\d+", other))
        names.append(f"{name}-{same + 1}" if same else name)
    return names


def _name(title: str) -> str:
    """Return the first words of the action, without placeholders, quotes and small words."""
    action = CONDITION.sub("", re.sub(r"<[a-z_]+>", "", title), count=1)
    words = re.findall(r"[a-z0-9]+", re.sub(r"'s\b", "", action.lower()))
    chosen = [word for word in words if not _SMALL_WORDS.fullmatch(word)][:MAX_WORDS]
    return "-".join(chosen or ["step"])
