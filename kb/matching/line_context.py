"""Which system a line speaks of, told by the words around it."""

from typing import Final

from kb.matching.index import Index, Layer
from kb.matching.parsed_text import ParsedText, mentions

_HERE: Final = 0.5
_ALONE: Final = 0.3
_ALONE_LINES: Final = 3
_ELSEWHERE: Final = 0.5
NOBODY: Final[Layer] = {"own": [], "words": [], "others": [], "foreign": []}
"""A layer that a team's own record has and `layers.yaml` lacks."""


class LineContext:
    """One text beside one index."""

    def __init__(self, reading: ParsedText, index: Index) -> None:
        self.reading = reading
        self.index = index

    def names_layer(self, layer: str) -> bool:
        """Whether the text anywhere speaks of a layer."""
        known = self._layer(layer)
        return not self.reading.tokens.isdisjoint((*known["own"], *known["words"]))

    def of_another_system(self, layer: str, line: int) -> bool:
        """Whether a system that says the same as ours is named near a line, and ours is not."""
        near, known = self.reading.near(line), self._layer(layer)
        return mentions(near, known["foreign"]) and not mentions(near, known["own"])

    def weight(self, layer: str, line: int, *, alone: bool) -> float:
        """Weigh a clue that other systems show too.

        Half where the text names the layer, nothing where it names another system; less than half where a
        clue that may stand alone is all that the text says.
        """
        near, known = self.reading.near(line), self._layer(layer)
        if mentions(near, known["own"]):
            return _HERE
        if mentions(near, known["others"]):
            return 0.0
        if mentions(near, known["words"]):
            return _HERE
        return _ALONE if alone and self.reading.filled <= _ALONE_LINES else 0.0

    def closeness(self, layer: str) -> float:
        """Weigh plain words: whole where the text is about a layer, nothing where it is about another system.

        Words such as "report" or "password" stand in many texts: less where nothing names the layer.
        """
        lower, known = self.reading.lower, self._layer(layer)
        if mentions(lower, known["own"]):
            return 1.0
        if mentions(lower, known["others"]):
            return 0.0
        return 1.0 if mentions(lower, known["words"]) else _ELSEWHERE

    def _layer(self, layer: str) -> Layer:
        return self.index["layers"].get(layer, NOBODY)
