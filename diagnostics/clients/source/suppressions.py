"""Comments that allow a rule in one place: `# clearpay-doctor: allow <rule> <reason>`."""

import io
import tokenize
from dataclasses import dataclass

MARK = "clearpay-doctor: allow"


@dataclass(frozen=True, slots=True)
class AllowComment:
    """Comment that allows one rule at one line."""

    rule: str
    reason: str


def allow_comments(source: bytes) -> dict[int, list[AllowComment]]:
    """Return the comments by the line that they apply to.

    A comment behind code applies to its own line, a comment on a line of its own to the next line.
    """
    if MARK.encode() not in source:
        return {}
    comments: dict[int, list[AllowComment]] = {}
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type == tokenize.COMMENT and MARK in token.string:
            rule, _, reason = token.string.partition(MARK)[2].strip().partition(" ")
            alone = token.line.strip() == token.string
            line = token.start[0] + 1 if alone else token.start[0]
            comments.setdefault(line, []).append(AllowComment(rule, reason.strip()))
    return comments
