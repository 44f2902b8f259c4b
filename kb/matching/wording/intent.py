"""Classification of a text as an incident report, or as a proposal or question that has the same words."""

import re
from collections.abc import Iterable
from typing import Final

from kb.matching.index import Index
from kb.matching.parsed_text import ParsedText

_COMMIT_PREFIX: Final = re.compile(
    r"(?:feat|fix|docs?|chore|test|ci|build|refactor|perf|style)(?:\([^()\n]{0,40}\))?!?: "
)
"""Title of a commit or a pull request (Conventional Commits)."""
_FIRST_WORD: Final = re.compile(
    r"[^a-z]{0,9}(?:(?:hi|hello|hey|dear)(?: all| team| everyone| there)?[ ,!.:-]{1,9})?([a-z]+)"
)
"""First word behind a greeting."""
_STATEMENT: Final = re.compile(
    r"(?:create|alter|drop|lock|grant|revoke|set|begin|select|insert into|update|delete from)\b[^;]{0,500};"
)
"""Statement of SQL at the beginning of a text."""
_TOKEN: Final = re.compile(r"[a-z0-9_]+")
_MAX_WHOLE_WORD: Final = 3
"""Letters up to which a listed word is compared as a whole; a longer one also matches as a prefix."""


def is_proposal(parsed: ParsedText, index: Index) -> bool:
    """Return True for a commit, a phrase of proposals, or a question that names no failure."""
    lower = parsed.folded.lower
    if _COMMIT_PREFIX.match(lower):
        return True
    words = f" {' '.join(_TOKEN.findall(lower))} "
    if any(f" {phrase} " in words for phrase in index["proposal_phrases"]):
        return True
    first = _FIRST_WORD.match(lower)
    is_question = bool(first and first[1] in index["question_words"]) or any(
        f" {phrase} " in words for phrase in index["question_words"] if " " in phrase
    )
    return is_question and not _has_any(parsed.tokens, index["incident_words"])


def is_plan(parsed: ParsedText, index: Index) -> bool:
    """Return True if a text begins with a verb of changes or a statement of SQL, as reports seldom do."""
    lower = parsed.folded.lower
    first = _FIRST_WORD.match(lower)
    return bool(first and first[1] in index["change_verbs"]) or _STATEMENT.match(lower) is not None


def has_failure_words(parsed: ParsedText, index: Index) -> bool:
    """Return True if a text has a word that reports of failures have."""
    return _has_any(parsed.tokens, index["failure_words"])


def _has_any(tokens: Iterable[str], words: list[str]) -> bool:
    prefixes = tuple(word for word in words if len(word) > _MAX_WHOLE_WORD)
    return any(token in words or token.startswith(prefixes) for token in tokens)
