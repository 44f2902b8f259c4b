"""Signals of plain words, for people who describe an error without knowing its name."""

from collections.abc import Iterable
from itertools import islice
from math import log
from typing import Final, NamedTuple

from kb.matching.index import Index
from kb.matching.line_context import LineContext
from kb.matching.parsed_text import ParsedText
from kb.matching.signals import Signal
from kb.matching.wording.intent import has_failure_words
from kb.matching.wording.words import pairs, words

MAX_WORDS: Final = 120
"""A text with more words is a log, in which single words mean nothing."""
_MAX_STRENGTH: Final = 0.58
"""Strength that words alone can reach: below every sign and template."""
_MAX_LOG_STRENGTH: Final = 0.4
"""The same for the output of a program: its errors have names, and none of them belongs to an entry."""
_NO_FAILURE_FACTOR: Final = 0.5
"""Share of the strength in a text without a word of failure."""
_FULL_WEIGHT: Final = 2.5
"""Weight at which the strength is reached, as a multiple of the weight of the rarest word."""
_UNKNOWN_WEIGHT: Final = 0.75
"""Weight of a word that no record has, as a share of the rarest word's; names with `_` weigh nothing."""
_UNKNOWN_WEIGHT_OFF_TOPIC: Final = 1.6
"""The same where nothing names the layer: unknown words mean another subject there."""
_COVERAGE_FACTOR: Final = 1.4
"""Factor on the share of the words that a record has, so that some of them may be missing."""
_MIN_TERMS: Final = 2
"""Fewer words are a coincidence, unless the text has no others."""
_MIN_SWAPPED: Final = 5
"""Letters of a word from which swapped letters are looked for."""
_MAX_QUOTED: Final = 6


def word_signals(parsed: ParsedText, index: Index) -> list[Signal]:
    """Return the signals of a short text's words, by the weights that the index has for each entry."""
    found = list(islice(words(parsed.unprefixed), MAX_WORDS + 1))
    if not 0 < len(found) <= MAX_WORDS or _has_another_error(parsed, index):
        return []
    text_words = [(_spelt(word, index), written) for word, written in found]
    written = dict(reversed(text_words))
    weights_by_entry: dict[int, dict[str, float]] = {}
    for term in dict.fromkeys((*written, *pairs(word for word, _ in text_words))):
        postings = _postings(term, index)
        rare = _rarity(postings, index)
        for number, weight in postings:
            weights_by_entry.setdefault(number, {})[term] = weight * rare
    context = LineContext(parsed, index)
    layers = {index["entries"][entry]["layer"] for entry in weights_by_entry}
    scales = {layer: _scale(parsed, index, written, context.topic_weight(layer)) for layer in layers}
    signals = [
        _signal(entry, weights, written, scales[index["entries"][entry]["layer"]])
        for entry, weights in weights_by_entry.items()
    ]
    return [signal for signal in signals if signal.strength]


def _postings(term: str, index: Index) -> list[tuple[int, float]]:
    """Return the position of each entry that has a term, with the weight of the term."""
    fields = index["words"].get(term, "").split(" ")
    return [(int(fields[at]), float(fields[at + 1])) for at in range(0, len(fields) - 1, 2)]


def _spelt(word: str, index: Index) -> str:
    """Return a word that no record has with two neighbouring letters swapped, if records have that."""
    if word in index["words"] or len(word) < _MIN_SWAPPED:
        return word
    swaps = (f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}" for at in range(len(word) - 1))
    return next((swap for swap in swaps if swap in index["words"]), word)


def _rarity(postings: Iterable[tuple[int, float]], index: Index) -> float:
    """Return the inverse document frequency of a term, entries counted by the weight that it has in them."""
    frequency = sum(min(1.0, weight) for _, weight in postings)
    return log((1 + len(index["entries"])) / max(1.0, frequency))


class _Scale(NamedTuple):
    """Reference values for the weights of one text's words."""

    total: float
    """Weight of all words of the text."""
    full: float
    """Weight at which the strength is reached."""
    max_strength: float


def _scale(parsed: ParsedText, index: Index, terms: Iterable[str], topic: float) -> _Scale:
    rarest = log(1 + len(index["entries"]))
    known_weights = {term: _rarity(_postings(term, index), index) for term in terms if term in index["words"]}
    unknown = sum(term not in known_weights and term.isalpha() for term in terms)
    unknown_weight = _UNKNOWN_WEIGHT if topic == 1 else _UNKNOWN_WEIGHT_OFF_TOPIC
    total = sum(known_weights.values()) + unknown * rarest * unknown_weight
    strength = _max_strength(parsed, topic)
    if not has_failure_words(parsed, index):
        strength *= _NO_FAILURE_FACTOR
    return _Scale(total, _FULL_WEIGHT * rarest, strength)


def _max_strength(parsed: ParsedText, topic: float) -> float:
    """Return the strength that words can reach: 0 for program output that does not name the layer."""
    if parsed.is_printed:
        return _MAX_LOG_STRENGTH if topic == 1 else 0.0
    return _MAX_STRENGTH * topic


def _has_another_error(parsed: ParsedText, index: Index) -> bool:
    """Return True if a text has a SQLSTATE, an error that no entry describes, or a consequence of one."""
    if any(sign.kind == "sqlstate" for sign in parsed.signs):
        return True
    if any(phrase in parsed.folded.lower for phrase in index["other_errors"]):
        return True
    return parsed.is_printed and any(phrase in parsed.folded.lower for phrase in index["consequences"])


def _signal(entry: int, weights: dict[str, float], written: dict[str, str], scale: _Scale) -> Signal:
    """Return the signal of one entry: by the share of the words that its record has, and by their rarity."""
    known_words = {term: weight for term, weight in weights.items() if term in written}
    coverage = min(1.0, _COVERAGE_FACTOR * (sum(known_words.values()) / scale.total))
    significance = min(1.0, sum(weights.values()) / scale.full) ** 0.5
    strength = scale.max_strength * significance * coverage
    if len(known_words) < min(_MIN_TERMS, len(written)):
        strength = 0.0
    quoted = sorted(known_words, key=lambda term: (-known_words[term], term))[:_MAX_QUOTED]
    return Signal(entry, "words", strength, 0, "has the words " + ", ".join(written[term] for term in quoted))
