"""The questions that the application asks, made from the state."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from diagnostics.diagnosis.catalogue import Claim
from diagnostics.engine.scheduler import Task
from diagnostics.report.formats import FORMATS
from diagnostics.targets.target_file import LAB
from tui.dialogs.choice import Choice
from tui.dialogs.filtered_choice import FilteredChoice
from tui.dialogs.options import Option
from tui.shared.state import State
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row

if TYPE_CHECKING:
    from diagnostics.runbooks.log_folder import UnendedRun
    from kb.runbook_model.model import Runbook

ADDRESS = "?address"
REPAIR = "?repair"
FINDING = 28
"""Columns of a name."""
COPIES = (("f", "fix", "the fix, its placeholders filled"), ("e", "evidence", "what the probes saw"),
          ("l", "link", "the address of the entry's page"), ("a", "all", "the whole report"))  # fmt: skip


def consent(held: Sequence[Task], state: State, how_often: str = "once") -> Choice:
    """Whether active probes may run; it says what each of them sends, where to and how often."""
    target = held[0].target
    where = f"{target.name}, which is production" if target.production else target.name
    lines = [Line(f"{task.probe} sends: {state.catalogue.probes[task.probe].SENDS}") for task in held]
    lines.append(Line(f"It goes to {where}.", "warn" if target.production else "strong"))
    answers = [
        Row("", (Piece("n  no, send nothing"),)),
        Row("yes", (Piece(f"y  yes, send this {how_often}"),)),
    ]
    return Choice(
        "May this be sent?", answers, lines=lines, letters={"y": "yes", "n": ""}, bar=state.symbols.bar
    )


def targets(state: State) -> FilteredChoice:
    """What can be examined: the names of the target file, the lab, any address."""
    named = state.config.settings.target
    told = [(name, settings.database or settings.api) for name, settings in named.items()]
    if state.lab and LAB not in named:
        told.append((LAB, "the lab on this machine"))
    options = [_target(name, name, what) for name, what in told]
    options.append(_target(ADDRESS, "type an address", "a URL, host:port or a path"))
    file = state.config.path
    lines = [Line(f"The names are those of {file}." if file else "No clearpay-doctor.toml was found.", "dim")]
    return FilteredChoice("What is examined?", options, lines=lines, bar=state.symbols.bar)


def _target(key: str, name: str, what: str) -> Option:
    return Option(key, (Piece(name.ljust(20)), Piece(f" {what}", "dim", -1)), whole=what)


def faults(state: State) -> FilteredChoice:
    """What the lab can break, below the entry that it leads to, and its repair."""
    now = f"Broken now: {state.broken}." if state.broken else "The lab is healthy."
    repair = Option(REPAIR, (Piece("repair", "good", FINDING), Piece("make everything healthy", None, -1)))
    found = sorted(state.catalogue.claims.items(), key=lambda one: _place(one[1], state))
    lines = [Line(now, "strong"), Line("What its application prints then is handed in to Triage.", "dim")]
    return FilteredChoice(
        "Break or repair the lab",
        [repair, *(_fault(code, claim) for code, claim in found)],
        lines=lines,
        hint="words, !word, layer:, severity:",
        bar=state.symbols.bar,
    )


def _place(claim: Claim, state: State) -> int:
    return list(state.catalogue.entries).index(claim.entry.id)


def _fault(code: str, claim: Claim) -> Option:
    entry = claim.entry
    return Option(
        code,
        (Piece(code.ljust(FINDING)), Piece(f" {claim.cause.sentence}", "dim", -1)),
        group=f"{entry.id}: {entry.title}",
        fields={"layer": entry.layer, "severity": entry.severity},
        whole=f"{code}: {claim.cause.sentence}",
    )


def runbooks(books: Iterable["Runbook"], open_: Iterable["UnendedRun"], state: State) -> FilteredChoice:
    """The runbooks, below those that were begun on this target and have not ended."""
    options = [_unended(one) for one in open_]
    options += [
        Option(
            book.id,
            (Piece(book.id, None, FINDING), Piece(book.title, "dim", -1)),
            "begin",
            whole=" ".join(book.when.split()),
        )
        for book in books
    ]
    name = state.target.name if state.target else "none"
    lines = [Line(f"It is walked on {name}, and each step is kept in an incident log.", "dim")]
    return FilteredChoice("Run a runbook", options, lines=lines, bar=state.symbols.bar)


def _unended(one: "UnendedRun") -> Option:
    begun = one.incident.started.replace("T", " ")[:16]
    steps = len(one.incident.visits)
    done = f"{steps} step{'s' * (steps != 1)} done, begun {begun} UTC by {one.incident.who}"
    pieces = (Piece(one.incident.runbook, None, FINDING), Piece(done, "dim", -1))
    return Option(str(one.path), pieces, "go on", whole=done)


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
