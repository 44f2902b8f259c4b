"""Which system a line speaks of, told by the words around it."""

from dataclasses import dataclass
from typing import Final

from kb.index import Index
from kb.reading import Reading, mentions

_HERE, _ALONE = 0.5, 0.3
_ALONE_LINES: Final = 3


@dataclass(frozen=True)
class Surroundings:
    """One text beside one index."""

    reading: Reading
    index: Index

    def names_layer(self, layer: str) -> bool:
        """Whether the text anywhere speaks of a layer."""
        return not self.reading.tokens.isdisjoint(self.index["layers"].get(layer, ()))

    def of_other_database(self, layer: str, line: int) -> bool:
        """Whether another database is named near a line, and ours is not."""
        near = self.reading.near(line)
        return mentions(near, self.index["other_sql"]) and not mentions(
            near, self.index["own"].get(layer, ())
        )

    def weight(self, layer: str, line: int, *, alone: bool) -> float:
        """Weigh a clue that other systems show too.

        Half where the text names the layer, nothing where it names another system; less than half where a
        clue that may stand alone is all that the text says.
        """
        near = self.reading.near(line)
        if mentions(near, self.index["own"].get(layer, ())):
            return _HERE
        if mentions(near, self.index["other_systems"]):
            return 0.0
        if mentions(near, self.index["layers"].get(layer, ())):
            return _HERE
        return _ALONE if alone and self.reading.filled <= _ALONE_LINES else 0.0

    def speaks_of(self, layer: str) -> bool:
        """Whether the whole text is about a layer of ours."""
        lower = self.reading.folded.lower
        other = mentions(lower, self.index["other_systems"])
        return self.names_layer(layer) and (not other or mentions(lower, self.index["own"].get(layer, ())))
