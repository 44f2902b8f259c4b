"""The questions that the application asks, made from the state."""

from collections.abc import Sequence

from diagnostics.config import LAB
from diagnostics.engine import Task
from diagnostics.formats import FORMATS
from tui.screens.choice import Choice
from tui.state import State
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row

ADDRESS = "?address"
REPAIR = "?repair"
COPIES = (("f", "fix", "the fix, its placeholders filled"), ("e", "evidence", "what the probes saw"),
          ("l", "link", "the address of the entry's page"), ("a", "all", "the whole report"))  # fmt: skip


def consent(held: Sequence[Task], state: State) -> Choice:
    """Whether active probes may run; it says what each of them sends, and where to."""
    target = held[0].target
    where = f"{target.name}, which is production" if target.production else target.name
    lines = [Line(f"{task.probe} sends: {state.catalogue.probes[task.probe].SENDS}") for task in held]
    lines.append(Line(f"It goes to {where}.", "warn" if target.production else "strong"))
    answers = [Row("", (Piece("n  no, send nothing"),)), Row("yes", (Piece("y  yes, send this once"),))]
    return Choice(
        "May this be sent?", answers, lines=lines, letters={"y": "yes", "n": ""}, bar=state.symbols.bar
    )


def targets(state: State) -> Choice:
    """What can be examined: the names of the target file, the lab, any address."""
    named = state.config.settings.target
    rows = [
        Row(name, (Piece(name.ljust(20)), Piece(settings.database or settings.api, "dim", -1)))
        for name, settings in named.items()
    ]
    if state.lab and LAB not in named:
        rows.append(Row(LAB, (Piece(LAB.ljust(20)), Piece("the lab on this machine", "dim", -1))))
    rows.append(
        Row(ADDRESS, (Piece("type an address".ljust(20)), Piece("a URL, host:port or a path", "dim", -1)))
    )
    file = state.config.path
    told = (
        f"The names are those of {file}."
        if file
        else "No clearpay-doctor.toml was found; the README shows one."
    )
    return Choice("What is examined?", rows, lines=[Line(told, "dim")], bar=state.symbols.bar)


def faults(state: State) -> Choice:
    """What the lab can break, and its repair."""
    now = f"Broken now: {state.broken}." if state.broken else "The lab is healthy."
    rows = [Row(REPAIR, (Piece("repair", "good", 30), Piece("make everything healthy", None, -1)))]
    rows += [
        Row(code, (Piece(code, None, 30), Piece(claim.cause.sentence, "dim", -1)))
        for code, claim in state.catalogue.claims.items()
    ]
    lines = [Line(now, "strong"), Line("What its application prints then is handed in to Triage.", "dim")]
    return Choice("Break or repair the lab", rows, lines=lines, bar=state.symbols.bar)


def copies(state: State) -> Choice:
    """What can be copied."""
    rows = [
        Row(name, (Piece(f"{letter}  {name.ljust(12)}"), Piece(text, "dim", -1)))
        for letter, name, text in COPIES
    ]
    return Choice("Copy", rows, letters={letter: name for letter, name, _ in COPIES}, bar=state.symbols.bar)


def exports(state: State) -> Choice:
    """The formats of a report."""
    letters = {"m": "markdown", "j": "json", "u": "junit", "h": "human"}
    offered = {letter: name for letter, name in letters.items() if name in FORMATS}
    rows = [Row(name, (Piece(f"{letter}  {name}"),)) for letter, name in offered.items()]
    lines = [Line("The file goes to the working directory.", "dim")]
    return Choice("Export the report", rows, lines=lines, letters=offered, bar=state.symbols.bar)
