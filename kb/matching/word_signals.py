"""Plain words: how a person tells it who does not know the error's name."""

from collections.abc import Iterable
from math import log
from typing import Final, NamedTuple

from kb.matching.index import Index
from kb.matching.intent import tells_of_trouble
from kb.matching.line_context import LineContext
from kb.matching.parsed_text import ParsedText
from kb.matching.signals import Signal
from kb.matching.words import pairs, words

WORDS_MAX: Final = 120
"""A longer text is a log: single words in it say nothing."""
_BEST: Final = 0.58
"""What words alone can reach: below everything that is typed."""
_BEST_IN_LOG: Final = 0.4
"""The same where a program speaks: its errors have names, and here none is ours."""
_CALM: Final = 0.5
"""What is left of it where nothing is wrong by the text's own words."""
_ENOUGH: Final = 2.5
"""So many times the rarest word is as much as words can say."""
_UNKNOWN: Final = 0.75
"""The share of the rarest word's weight that a word has which no record knows; names with `_` have none."""
_UNKNOWN_ELSEWHERE: Final = 1.6
"""The same where nothing names the layer: there a strange word tells of another matter."""
_KNOWN_ENOUGH: Final = 1.4
"""A text whose words the record knows by this part less than all counts as known."""
_LEAST_WORDS: Final = 2
"""Fewer words are a coincidence, unless they are all that is said."""
_SHOWN: Final = 6


def word_clues(reading: ParsedText, index: Index) -> list[Signal]:
    """Weigh the words of a short text against titles, samples, templates and summaries."""
    found = list(words(reading.bare))
    if not 0 < len(found) <= WORDS_MAX or _names_another_error(reading, index):
        return []
    said = dict(reversed(found))
    weighed: dict[int, dict[str, float]] = {}
    for term in dict.fromkeys((*said, *pairs(word for word, _ in found))):
        for number, weight in index["words"].get(term, ()):
            weighed.setdefault(int(number), {})[term] = weight * rarity(term, index)
    around = LineContext(reading, index)
    layers = {index["entries"][entry]["layer"] for entry in weighed}
    scales = {layer: _scale(reading, index, said, around.closeness(layer)) for layer in layers}
    clues = [
        _clue(entry, weights, said, scales[index["entries"][entry]["layer"]])
        for entry, weights in weighed.items()
    ]
    return [clue for clue in clues if clue.strength]


def rarity(term: str, index: Index) -> float:
    """Say how telling a term is: the fewer entries know it well, the more."""
    known_by = sum(min(1.0, weight) for _, weight in index["words"][term])
    return log((1 + len(index["entries"])) / max(1.0, known_by))


class _Scale(NamedTuple):
    """What the weights of one text's words are measured with."""

    total: float
    """What all words of the text weigh."""
    enough: float
    best: float


def _scale(reading: ParsedText, index: Index, said: Iterable[str], close: float) -> _Scale:
    rarest = log(1 + len(index["entries"]))
    known = {word: rarity(word, index) for word in said if word in index["words"]}
    strange = sum(word not in known and word.isalpha() for word in said)
    total = sum(known.values()) + strange * rarest * (_UNKNOWN if close == 1 else _UNKNOWN_ELSEWHERE)
    best = _best(reading, close)
    return _Scale(total, _ENOUGH * rarest, best if tells_of_trouble(reading, index) else best * _CALM)


def _best(reading: ParsedText, close: float) -> float:
    """Say what words can reach; a program that does not name the layer means another one."""
    if reading.is_printed:
        return _BEST_IN_LOG if close == 1 else 0.0
    return _BEST * close


def _names_another_error(reading: ParsedText, index: Index) -> bool:
    """Whether the text has an error of no entry, a SQLSTATE among them, or a consequence of one not shown."""
    if any(sign.kind == "sqlstate" for sign in reading.signs):
        return True
    if any(phrase in reading.folded.lower for phrase in index["other_errors"]):
        return True
    return reading.is_printed and any(phrase in reading.folded.lower for phrase in index["consequences"])


def _clue(entry: int, weights: dict[str, float], said: dict[str, str], scale: _Scale) -> Signal:
    """Weigh how much of the text the record knows, and how telling that is."""
    known = {term: weight for term, weight in weights.items() if term in said}
    share = sum(known.values()) / scale.total
    telling = min(1.0, sum(weights.values()) / scale.enough) ** 0.5
    strength = scale.best * telling * min(1.0, _KNOWN_ENOUGH * share)
    if len(known) < min(_LEAST_WORDS, len(said)):
        strength = 0.0
    shown = sorted(known, key=lambda word: (-known[word], word))[:_SHOWN]
    return Signal(entry, "words", strength, 0, "has the words " + ", ".join(said[word] for word in shown))
