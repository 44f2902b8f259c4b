"""Dialogs whose options are made from the state: targets, faults, runbooks, copies, formats."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from diagnostics.diagnosis.catalogue import Claim
from diagnostics.report.formats import FORMATS
from diagnostics.targets.settings import TargetSettings
from diagnostics.targets.target import endpoint
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
NAME_COLUMNS = 28
TARGET_COLUMNS = 20
COPIES = (
    ("f", "fix", "the fix, its placeholders filled in"),
    ("e", "evidence", "steps and evidence of the probes"),
    ("l", "link", "the address of the entry's page"),
    ("a", "all", "the whole report"),
)


def targets(state: State) -> FilteredChoice:
    """Return the choice of a target: names of the target file, the lab, or an address."""
    named = state.config.settings.target
    descriptions = {name: _addresses(settings) for name, settings in named.items()}
    for name, problems in state.config.problems.items():
        descriptions[name] = problems[0].removeprefix(f"{state.config.path}: target.{name}.")
    if state.lab:
        descriptions.setdefault(LAB, "the lab on this machine")
    options = [_target_option(name, name, description) for name, description in descriptions.items()]
    options.append(_target_option(ADDRESS, "type an address", "a URL, host:port or a path"))
    file = state.config.file
    source = f"The names are from {file.name}." if file else "No clearpay-doctor.toml was found."
    lines = [Line(source, "dim"), *(Line(note, "warn") for note in (file.notes if file else ()))]
    return FilteredChoice("Choose a target", options, lines=lines, bar=state.symbols.bar)


def _addresses(settings: TargetSettings) -> str:
    """Return the database or the API of a target, without passwords."""
    return next((endpoint(url).name for url in (settings.database, settings.api) if url), "")


def _target_option(key: str, name: str, description: str) -> Option:
    pieces = (Piece(name.ljust(TARGET_COLUMNS)), Piece(f" {description}", "dim", -1))
    return Option(key, pieces, details=description)


def faults(state: State) -> FilteredChoice:
    """Return the choice of a fault to inject in the lab, grouped by entry, or of its repair."""
    status = f"Broken: {state.lab_finding}." if state.lab_finding else "The lab is healthy."
    repair = Option(
        REPAIR, (Piece("repair", "good", NAME_COLUMNS), Piece("remove the injected fault", None, -1))
    )
    order = {entry: index for index, entry in enumerate(state.catalogue.entries)}
    claims = sorted(state.catalogue.claims.items(), key=lambda item: order[item[1].entry.id])
    lines = [
        Line(status, "strong"),
        Line("Triage then opens with the output of the lab's application.", "dim"),
    ]
    return FilteredChoice(
        "Break or repair the lab",
        [repair, *(_fault_option(code, claim) for code, claim in claims)],
        lines=lines,
        hint="words, !word, layer:, severity:",
        bar=state.symbols.bar,
    )


def _fault_option(code: str, claim: Claim) -> Option:
    entry = claim.entry
    return Option(
        code,
        (Piece(code.ljust(NAME_COLUMNS)), Piece(f" {claim.cause.sentence}", "dim", -1)),
        group=f"{entry.id}: {entry.title}",
        fields={"layer": entry.layer, "severity": entry.severity},
        details=f"{code}: {claim.cause.sentence}",
    )


def runbooks(books: Iterable["Runbook"], logs: Iterable["UnendedRun"], state: State) -> FilteredChoice:
    """Return the choice of a runbook: one to resume from its incident log, or one to start."""
    options = [_resume_option(log) for log in logs]
    options += [
        Option(
            book.id,
            (Piece(book.id, None, NAME_COLUMNS), Piece(book.title, "dim", -1)),
            "start",
            details=" ".join(book.when.split()),
        )
        for book in books
    ]
    name = state.target.name if state.target else "none"
    lines = [Line(f"It runs on {name}, and each step is written to an incident log.", "dim")]
    return FilteredChoice("Run a runbook", options, lines=lines, bar=state.symbols.bar)


def _resume_option(log: "UnendedRun") -> Option:
    started = log.incident.started.replace("T", " ")[:16]
    steps = len(log.incident.visits)
    progress = f"{steps} step{'s' * (steps != 1)} done, started {started} UTC by {log.incident.who}"
    pieces = (Piece(log.incident.runbook, None, NAME_COLUMNS), Piece(progress, "dim", -1))
    return Option(str(log.path), pieces, "resume", details=progress)


def copies(state: State) -> Choice:
    """Return the choice of what to copy."""
    rows = [
        Row(name, (Piece(f"{letter}  {name.ljust(12)}"), Piece(text, "dim", -1)))
        for letter, name, text in COPIES
    ]
    return Choice("Copy", rows, letters={letter: name for letter, name, _ in COPIES}, bar=state.symbols.bar)


def exports(state: State) -> Choice:
    """Return the choice of a format for the report."""
    letters = {"m": "markdown", "j": "json", "u": "junit", "h": "human"}
    formats = {letter: name for letter, name in letters.items() if name in FORMATS}
    rows = [Row(name, (Piece(f"{letter}  {name}"),)) for letter, name in formats.items()]
    lines = [Line("The file is written to the working directory.", "dim")]
    return Choice("Export the report", rows, lines=lines, letters=formats, bar=state.symbols.bar)
