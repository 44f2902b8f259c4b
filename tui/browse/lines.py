"""The row and the preview of an entry in Browse. Pure functions."""

from typing import Final

from kb.records.models import Entry
from tui.entry.lines import diagnosis_lines, result_lines
from tui.shared.placeholders import values_of
from tui.shared.state import State
from tui.style.theme import STATE_COLUMNS, Symbols
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row

ID_COLUMNS: Final = 27
SEVERITY_COLUMNS: Final = 9


def entry_row(entry: Entry, symbols: Symbols, state: str, *, marked: bool, wide: bool) -> Row:
    """Return the row of an entry: mark, state, id, title, and in a wide terminal the severity."""
    word, role = symbols.state(state)
    return Row(
        entry.id,
        (
            Piece(f"{symbols.mark if marked else ' '} {word}", role, STATE_COLUMNS + 4),
            Piece(entry.id, None, ID_COLUMNS),
            Piece(entry.title, None, -1),
            *([Piece(f" {entry.severity}", "dim", SEVERITY_COLUMNS)] if wide else []),
        ),
    )


def preview_lines(entry: Entry, state: State) -> list[Line]:
    """Return the preview of an entry: last diagnosis, summary, symptoms, causes, last results."""
    _, diagnosis, report = state.last_result(entry)
    lines = [Line(entry.title, "strong"), Line(f"{entry.layer} · severity {entry.severity}", "dim")]
    if diagnosis:
        lines += [Line(), *diagnosis_lines(diagnosis, state.symbols)]
    lines += [Line(), Line(entry.summary)]
    symptoms = [symptom.template or symptom.sign for symptom in entry.symptoms]
    lines += [Line(), Line("You see", "good"), *(Line(text, None, "   ", "code") for text in symptoms)]
    lines += [Line(), Line("Causes", "good")]
    lines += [Line(f"{cause.finding}: {cause.sentence}", None, "   ") for cause in entry.causes]
    for result in state.results_for(entry, report) if report else []:
        values = values_of(state.target)
        lines += [Line(), *result_lines(result, state.catalogue, values, state.symbols)]
    return lines
