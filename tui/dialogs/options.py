"""Options of a filtered choice, in groups. Pure functions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from tui.shared.text_filter import parse_filter
from tui.widgets.bar import Piece
from tui.widgets.rows import Row


@dataclass(frozen=True, slots=True)
class Option:
    """An option; those of one group follow each other."""

    key: str
    pieces: tuple[Piece, ...]
    group: str = ""
    """The heading above the option; empty without a heading."""
    details: str = ""
    """The whole text of the option, shown below the list while the option is highlighted."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Values for `layer:` and `severity:` of the filter."""

    @property
    def searchable_text(self) -> str:
        """The text in which words are searched, in lower case."""
        return " ".join((*(piece.text for piece in self.pieces), self.group, self.details)).lower()


def filtered(options: Iterable[Option], typed: str) -> list[Option]:
    """Return the options that pass the typed filter, in their order."""
    filter_ = parse_filter(typed)
    return [option for option in options if filter_.accepts(option.searchable_text, option.fields)]


def option_rows(options: Iterable[Option]) -> Iterator[Row]:
    """Yield the rows of options, with a heading above each group."""
    for group, members in groupby(options, lambda option: option.group):
        if group:
            yield Row(group, (Piece(group, "good", -1),), heading=True)
        yield from (Row(option.key, _pieces(option)) for option in members)


def _pieces(option: Option) -> tuple[Piece, ...]:
    return (Piece("  "), *option.pieces) if option.group else option.pieces
