"""Comments that allow a rule in one place: `# clearpay-doctor: allow <rule> <reason>`."""

import io
import tokenize
from dataclasses import dataclass

MARK = "clearpay-doctor: allow"


@dataclass(frozen=True, slots=True)
class Allowed:
    """One comment."""

    rule: str
    reason: str


def allowed(source: bytes) -> dict[int, list[Allowed]]:
    """The comments by the line that they speak of: their own, or the next where nothing else stands on it."""
    if MARK.encode() not in source:
        return {}
    found: dict[int, list[Allowed]] = {}
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type == tokenize.COMMENT and MARK in token.string:
            rule, _, reason = token.string.partition(MARK)[2].strip().partition(" ")
            alone = token.line.strip() == token.string
            line = token.start[0] + 1 if alone else token.start[0]
            found.setdefault(line, []).append(Allowed(rule, reason.strip()))
    return found
