"""Comments that allow a rule in one place.

Ours is `# clearpay-doctor: allow <rule> <reason>`; those for linters are `# noqa: S113` and `# nosec`.
"""

import io
import re
import tokenize
from collections.abc import Collection
from dataclasses import dataclass

MARK = "clearpay-doctor: allow"
NOQA = re.compile(r"#\s*noqa\s*:\s*([A-Z0-9, ]+)")


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


def is_accepted(text: str, codes: Collection[str]) -> bool:
    """Return True if a comment for a linter accepts the flaw that these codes name at its line."""
    if "#" not in text or not codes:
        return False
    accepted = NOQA.search(text)
    return "# nosec" in text or bool(accepted and set(re.findall(r"\w+", accepted[1])) & set(codes))
