"""What a chooser offers: options in groups, narrowed by the words of the filter. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from tui.shared.text_filter import read_filter
from tui.widgets.bar import Piece
from tui.widgets.rows import Row


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose; options of one group stand together."""

    key: str
    pieces: tuple[Piece, ...]
    group: str = ""
    """The heading above it; empty where it needs none."""
    whole: str = ""
    """What its row has no room for: it is shown below the list while the cursor is on it."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """What `layer:` and `severity:` of the filter ask."""

    @property
    def haystack(self) -> str:
        """All that a word may be found in."""
        return " ".join((*(piece.text for piece in self.pieces), self.group, self.whole)).lower()


def narrowed(options: Iterable[Option], typed: str) -> list[Option]:
    """The options that pass what was typed, in their order."""
    filter_ = read_filter(typed)
    return [option for option in options if filter_.accepts(option.haystack, option.fields)]


def rows_of(options: Iterable[Option]) -> Iterator[Row]:
    """The rows, with a heading above each group."""
    for group, members in groupby(options, lambda option: option.group):
        if group:
            yield Row(group, (Piece(group, "good", -1),), heading=True)
        yield from (Row(option.key, _indented(option)) for option in members)


def _indented(option: Option) -> tuple[Piece, ...]:
    return (Piece("  "), *option.pieces) if option.group else option.pieces
