"""Ranking of entries by the words of a text, for people who describe an error without knowing its name."""

from collections.abc import Mapping
from math import exp
from typing import Final, NamedTuple

from kb.matching.features import is_commit, marks_of, mentions, normalized, vector_of, words_of
from kb.matching.index import Index

MAX_STRENGTH: Final = 0.58
"""Strength that words alone can reach: below every sign and template."""
_TOP_WEIGHT: Final = 0.01
"""Weight of the best entry's score beside the learned weights, as in training."""
_GATE_SCALE: Final = 100
_MIN_CONFIDENCE: Final = 0.5
_MIN_CONFIDENCE_OF_PART: Final = 0.6
_MIN_CONFIDENCE_OF_PROOF: Final = 0.2
"""The least for a short template in a sentence: its words are evidence besides."""
_NEAR_TOP: Final = 0.85
"""Share of the best score that a further entry needs."""
_MIN_WORDS: Final = 3
_MIN_KNOWN_WORDS: Final = 4
_RARE: Final = 3.0
"""Rarity from which a word counts as evidence: `the` and `is` are below."""
_MIN_RARE_WORDS: Final = 2
_MAX_QUOTED: Final = 6


class Ranked(NamedTuple):
    """Entry by the words of a text."""

    entry: int
    """Position of the entry in the index."""
    strength: float
    why: str


def rank(text: str, index: Index, *, is_part: bool = False) -> list[Ranked]:
    """Rank entries by the words of a text without the prefixes of loggers; none if it is about none.

    A part of a text must be surer than the whole: one of many parts passes by chance.
    """
    scores, vector, confidence = _scores(text, index)
    minimum = _MIN_CONFIDENCE_OF_PART if is_part else _MIN_CONFIDENCE
    if not scores or confidence < minimum or is_commit(text) or _has_another_error(text, index):
        return []
    return _ranked(scores, vector, confidence, index)


def nearest_by_words(text: str, index: Index) -> list[Ranked]:
    """Rank entries by the words of a text that `rank` refused."""
    scores, vector, confidence = _scores(text, index)
    return _ranked(scores, vector, confidence, index)


def score_of(text: str, index: Index) -> Mapping[int, float]:
    """Return the score of each entry by the words of a text, to decide between entries that share a sign."""
    return _scores(text, index)[0]


def is_report(text: str, index: Index) -> bool:
    """Return True if a text reports an error, rather than proposing, asking or documenting.

    A text with few known words or with letters of another language counts as a report.
    """
    if not text.isascii() and any(letter.isalpha() and not letter.isascii() for letter in text):
        return True
    if is_commit(text):
        return False
    _, vector, confidence = _scores(text, index)
    known = sum(term.isalpha() for term in vector)
    return known < _MIN_KNOWN_WORDS or confidence >= _MIN_CONFIDENCE_OF_PROOF


def _scores(text: str, index: Index) -> tuple[dict[int, float], dict[str, float], float]:
    """Return the score of each entry, the features of the text, and how likely it is about any entry."""
    plain = normalized(text)
    words = words_of(plain)
    if len(words) < _MIN_WORDS:
        return {}, {}, 0.0
    table = index["words"]
    vector = vector_of(words, list(marks_of(plain, index["layers"])), table)
    scores: dict[int, float] = {}
    gate = 0.0
    for term, weight in vector.items():
        row = table[term]
        gate += weight * row[1]
        for at in range(2, len(row), 2):
            entry = int(row[at])
            scores[entry] = scores.get(entry, 0.0) + weight * row[at + 1]
    decided = (index["bias"] + gate) / _GATE_SCALE + _TOP_WEIGHT * max(scores.values(), default=0.0)
    return scores, vector, 1 / (1 + exp(-max(-30.0, min(30.0, decided))))


def _ranked(
    scores: Mapping[int, float], vector: Mapping[str, float], confidence: float, index: Index
) -> list[Ranked]:
    if not scores:
        return []
    top = max(scores.values())
    leader = min(entry for entry in scores if scores[entry] == top)
    if _rare_words(leader, vector, index) < _MIN_RARE_WORDS:
        return []
    best = sorted((entry for entry in scores if scores[entry] >= _NEAR_TOP * top), key=lambda e: -scores[e])
    return [
        Ranked(entry, MAX_STRENGTH * confidence * scores[entry] / top, _why(entry, vector, index))
        for entry in best
    ]


def _rare_words(entry: int, vector: Mapping[str, float], index: Index) -> int:
    """Return how many words that few texts have speak for an entry."""
    rows = (index["words"][term] for term in vector if term.isalpha())
    return sum(row[0] >= _RARE and entry in row[2::2] for row in rows)


def _why(entry: int, vector: Mapping[str, float], index: Index) -> str:
    """Name the words that speak for an entry, the heaviest first."""
    shares: dict[str, float] = {}
    for term, weight in vector.items():
        row = index["words"][term]
        if term.isalpha() and len(term) > 1:
            owned = next((row[at + 1] for at in range(2, len(row), 2) if row[at] == entry), 0)
            shares[term] = weight * owned * row[0]
    quoted = sorted((term for term in shares if shares[term]), key=lambda term: (-shares[term], term))
    return "has the words " + ", ".join(quoted[:_MAX_QUOTED])


def _has_another_error(text: str, index: Index) -> bool:
    """Return True if a text has an error of PostgreSQL or of a language that no entry describes."""
    lower = text.lower()
    return mentions(lower, index["other_errors"], frozenset())
