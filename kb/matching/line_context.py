"""Words around a line that tell which system the line is about."""

import re
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from kb.matching.features import mentions, without_places
from kb.matching.index import Index, LayerWords
from kb.matching.parsed_text import ParsedText
from kb.text.lazy_patterns import lazy_pattern

_TOKEN: Final = re.compile(r"[a-z0-9_]+")
_URL: Final = lazy_pattern(r"https?://[^\s\"'<>]{1,2000}")
_NAME: Final = lazy_pattern(r"\b(?!oom)[a-z]{2,}-[a-z]{4,}")
"""Name of a container or a unit of several words, such as `image-resizer`."""
_IN_CONTEXT: Final = 0.3
"""Strength of a weak signal near words of its layer: below what words reach that are sure."""
_STANDALONE: Final = 0.3
"""Strength of a weak signal in a record that has nothing else."""
_MAX_STANDALONE_LINES: Final = 3
_OTHER_TOPIC: Final = 0.5
"""Share that plain words keep in a text that does not name their layer."""
_Kind: TypeAlias = Literal["own", "words", "others", "foreign"]
_OTHERS: Final = ("others", "foreign")
"""Kinds of words that count against a layer: a path or an address that has one names no system."""
NO_WORDS: Final[LayerWords] = {"own": [], "words": [], "others": [], "foreign": []}
"""Words of a layer that a team's own record has and `layers.yaml` lacks."""


class LineContext:
    """A parsed record with the layer words of an index."""

    def __init__(self, parsed: ParsedText, index: Index) -> None:
        self.parsed = parsed
        self.index = index
        self._mentioned: dict[tuple[int, str, str], bool] = {}

    def names_layer(self, layer: str) -> bool:
        """Return True if any line of the record has a word of a layer, also as a part of a name."""
        words = self._words_of(layer)
        terms = (*words["own"], *words["words"])
        return not (self.parsed.tokens.isdisjoint(terms) and self.parsed.name_parts.isdisjoint(terms))

    def of_another_system(self, layer: str, line: int) -> bool:
        """Return True if a line's context names a foreign system and not the layer's own."""
        return self._mentions(line, layer, "foreign") and not self._mentions(line, layer, "own")

    def weak_strength(self, layer: str, line: int, *, standalone: bool) -> float:
        """Return the strength of a signal that other systems print too.

        It is 0 where the context of the line names another system, `_IN_CONTEXT` where it names the layer,
        and `_STANDALONE` for a short record if the signal may stand alone.
        """
        if self._mentions(line, layer, "own"):
            return _IN_CONTEXT
        if self._mentions(line, layer, "others"):
            return 0.0
        if self._mentions(line, layer, "words"):
            return _IN_CONTEXT
        return _STANDALONE if standalone and self.parsed.filled <= _MAX_STANDALONE_LINES else 0.0

    def has_consequence(self) -> bool:
        """Return True if the record has a message that follows from an earlier error or from a request."""
        return any(phrase in self.parsed.folded.lower for phrase in self.index["consequences"])

    def alone_strength(self, layer: str, line: int) -> float:
        """Return the strength of a message that is evidence by itself.

        It is 0 near the name of another system, or of a container or unit whose name is not about the layer.
        """
        is_other = self._mentions(line, layer, "others") or _NAME.search(self.parsed.near(line))
        return 0.0 if is_other else _STANDALONE

    def topic_weight(self, layer: str) -> float:
        """Return the weight of plain words: 1 in a text about the layer, 0 in a text about another system.

        Words such as "report" or "password" are in many texts: they weigh less where nothing names the layer.
        """
        lower, words = self.parsed.naming, self._words_of(layer)
        if _mentions(lower, words["own"]):
            return 1.0
        if _mentions(lower, words["others"]):
            return 0.0
        return 1.0 if _mentions(lower, words["words"]) else _OTHER_TOPIC

    def _mentions(self, line: int, layer: str, kind: _Kind) -> bool:
        """Return True if a line's context has one of the layer's words.

        Each context is searched once: a line may have thousands of signs.
        """
        key = (self.parsed.context_of(line), layer, kind)
        if key not in self._mentioned:
            near = self.parsed.near(line)
            text = without_places(near) if kind in _OTHERS else near
            self._mentioned[key] = _mentions(text, self._words_of(layer)[kind])
        return self._mentioned[key]

    def _words_of(self, layer: str) -> LayerWords:
        return self.index["layers"].get(layer, NO_WORDS)


def _mentions(text: str, terms: list[str]) -> bool:
    return mentions(text, terms, frozenset(_TOKEN.findall(text)))


def other_system(text: str, index: Index) -> str:
    """Return the name of the other system that a text names most often, or an empty text.

    URLs do not count: that of a report's source names the place where it was written.
    """
    text = _URL.sub(" ", text)
    tokens = _TOKEN.findall(text)
    counts = {name: _count(text, tokens, terms) for name, terms in index["systems"].items()}
    best = max(counts, key=lambda name: counts[name], default="")
    return best if best and counts[best] else ""


def _count(text: str, tokens: Iterable[str], terms: Iterable[str]) -> int:
    words = {term for term in terms if _TOKEN.fullmatch(term)}
    phrases = (text.count(term) for term in terms if term not in words)
    return sum(token in words for token in tokens) + sum(phrases)
