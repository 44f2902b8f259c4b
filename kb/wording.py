"""Plain words: how a person tells it who does not know the error's name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kb.clues import Clue
from kb.index import Index
from kb.reading import Reading
from kb.surroundings import Surroundings
from kb.words import pairs, words

WORDS_MAX: Final = 120
"""A longer text is a log: single words in it say nothing."""
_BEST: Final = 0.58
"""What words alone can reach: below everything that is typed."""
_BEST_IN_LOG: Final = 0.4
"""The same where a program speaks: its errors have names, and here none is ours."""
_ENOUGH: Final = 2.2
"""So many times the rarest word is as much as words can say."""
_UNKNOWN: Final = 0.5
"""The share of the rarest word's weight that a word has which no record knows."""
_KNOWN_ENOUGH: Final = 1.6
"""A text whose words the record knows by this part less than all counts as known."""
_LEAST_WORDS: Final = 3
"""Fewer words are a coincidence, unless they are half of what is said."""
_SHOWN: Final = 6


def word_clues(reading: Reading, index: Index) -> list[Clue]:
    """Weigh the words of a short text against titles, samples, templates and summaries."""
    found = list(words(reading.text))
    if not found or len(found) > WORDS_MAX or _names_another_error(reading, index):
        return []
    said = dict(reversed(found))
    weighed: dict[int, dict[str, float]] = {}
    for term in dict.fromkeys((*said, *pairs(word for word, _ in found))):
        for number, weight in index["words"].get(term, ()):
            weighed.setdefault(int(number), {})[term] = weight * index["rarity"][term]
    around = Surroundings(reading, index)
    gate = {layer for layer in index["layers"] if around.speaks_of(layer)}
    scale = _scale(reading, index, said)
    return [
        _clue(entry, weights, said, scale)
        for entry, weights in weighed.items()
        if index["entries"][entry]["layer"] in gate
    ]


@dataclass(frozen=True, slots=True)
class _Scale:
    """What the weights of one text's words are measured with."""

    total: float
    """What all words of the text weigh."""
    enough: float
    best: float


def _scale(reading: Reading, index: Index, said: Iterable[str]) -> _Scale:
    rarity = index["rarity"]
    rarest = max(rarity.values(), default=1.0)
    total = sum(rarity.get(word, rarest * _UNKNOWN) for word in said)
    program = any(sign.kind == "exception" for sign in reading.signs)
    return _Scale(total, _ENOUGH * rarest, _BEST_IN_LOG if program else _BEST)


def _names_another_error(reading: Reading, index: Index) -> bool:
    """Whether the text has a SQLSTATE or a consequence of something that it does not show."""
    typed = any(sign.kind == "sqlstate" for sign in reading.signs)
    return typed or any(phrase in reading.folded.lower for phrase in index["consequences"])


def _clue(entry: int, weights: dict[str, float], said: dict[str, str], scale: _Scale) -> Clue:
    """Weigh how much of the text the record knows, and how telling that is."""
    known = {term: weight for term, weight in weights.items() if term in said}
    share = sum(known.values()) / scale.total
    telling = min(1.0, sum(weights.values()) / scale.enough) ** 0.5
    strength = scale.best * telling * min(1.0, _KNOWN_ENOUGH * share)
    if len(known) < _LEAST_WORDS and share < 1 / 2:
        strength = 0.0
    shown = sorted(known, key=lambda word: (-known[word], word))[:_SHOWN]
    return Clue(entry, "words", strength, 0, "has the words " + ", ".join(said[word] for word in shown))
