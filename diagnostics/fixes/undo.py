"""Ways back from a step, told apart by what its record says."""

import re
from typing import Final, Literal

from kb.records.models import FixStep

Reversibility = Literal["not needed", "impossible", "by hand", "possible"]
_NOT_NEEDED: Final = re.compile(r"None (?:is|are) needed|There is none, and none is needed")
_IMPOSSIBLE: Final = re.compile(r"There is none|None\b")


def reversibility(step: FixStep, *, has_copies: bool) -> Reversibility:
    """Return if a step that changes something can be undone, and by whom.

    `has_copies` is True if the files that it changes are kept while the fix runs.
    """
    if _NOT_NEEDED.match(step.undo):
        return "not needed"
    if step.undo_code:
        return "possible"
    if _IMPOSSIBLE.match(step.undo):
        return "impossible"
    return "possible" if has_copies else "by hand"
