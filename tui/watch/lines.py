"""Rows and lines of watched targets. Pure functions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from diagnostics.engine.events import Key
from diagnostics.report.model import Result, roll_up
from diagnostics.targets.target import Target
from tui.shared.local_time import time_of_day
from tui.style.theme import Symbols
from tui.watch.changes import Cell, Change, Since
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row

NAME_COLUMNS: Final = 26
CELL_COLUMNS: Final = 11


def head_line(layers: Sequence[str]) -> list[Piece]:
    """Return the titles of the columns."""
    cells = [Piece(layer[: CELL_COLUMNS - 1].ljust(CELL_COLUMNS), "dim") for layer in layers]
    return [Piece(" target".ljust(NAME_COLUMNS + 1), "dim"), *cells]


def target_row(target: Target, layers: Sequence[str], cells: Mapping[Cell, str], symbols: Symbols) -> Row:
    """Return the row of a target: its name, and the worst outcome of each layer."""
    pieces = [Piece(target.name, "bad" if target.production else None, NAME_COLUMNS)]
    for layer in layers:
        outcome = cells.get(Cell(target.name, layer))
        word, role = symbols.state(outcome) if outcome else ("", "dim")
        pieces.append(Piece(word, role, CELL_COLUMNS))
    return Row(target.name, tuple(pieces))


def target_lines(
    target: str,
    results: Sequence[Result],
    since: Mapping[Key, Since],
    changes: Iterable[Change],
    symbols: Symbols,
) -> Iterator[Line]:
    """Yield what is wrong with a target and since when, then what changed, the newest first."""
    own = [result for result in results if result.key.target == target]
    if not own:
        yield Line("not examined yet", "dim")
        return
    word, role = symbols.state(roll_up(own))
    yield Line(f"{word}: {target}, {len(own)} results", role)
    for result in own:
        if result.outcome in {"pass", "blocked"} or result.key not in since:
            continue
        state, shade = symbols.state(result.outcome)
        codes = ", ".join(finding.code for finding in result.findings) or result.reason
        yield Line(
            f"{state} {result.key.probe}: {codes}, since {time_of_day(since[result.key].at)}", shade, hang=4
        )
    moved = [change for change in changes if change.key.target == target]
    if moved:
        yield Line("changes", "good")
    for change in reversed(moved):
        text = f"{time_of_day(change.at)} {change.key.probe}: {change.was} {symbols.arrow} {change.now}"
        yield Line(text, hang=9)
