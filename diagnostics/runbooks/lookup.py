"""Runbooks by id, validated against entries and probes."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.errors import UnknownName, UsageError, printable
from diagnostics.packs.installed import installed_packs
from diagnostics.run.knowledge import Folders, catalogue_of, folder_list, only_shipped
from diagnostics.run.left_out import is_left_out, leave_out
from diagnostics.run.selection import entry_named, probes_named
from kb.records.errors import InvalidRecord
from kb.runbook_model.loader import (
    RUNBOOKS,
    load_runbooks,
    location,
    read_runbook,
    read_runbooks,
    runbook_files,
)
from kb.runbook_model.model import CONFIRMED, Branch, Breach, Runbook, RunbookStep
from kb.text.suggestions import did_you_mean

FOLDER = "runbooks"
"""Folder of a team's own runbooks below `--kb DIR`."""


def all_runbooks(folders: Folders) -> Mapping[str, Runbook]:
    """Return the shipped runbooks, those of packs and a team's own. Raises what `catalogue_of` raises."""
    return load_runbooks() if only_shipped(folders) else runbooks_of(folders, catalogue_of(folders))


def runbooks_of(folders: Folders, catalogue: Catalogue) -> Mapping[str, Runbook]:
    """Return the shipped runbooks, those of packs and those of the folders.

    Those of a pack with a broken one are left out, with one line on stderr. Raises InvalidRecord with all
    problems of a folder.
    """
    runbooks: Mapping[str, Runbook] = load_runbooks()
    places = shipped_places()
    for pack in installed_packs():
        if is_left_out(pack.name):
            continue  # its runbooks use its entries
        try:
            runbooks = {**runbooks, **read_checked(pack.runbooks, catalogue, places)}
        except InvalidRecord as error:
            leave_out(f"runbooks of pack {pack.name}", error.problems)
            continue
        places |= {path.stem: path for path in runbook_files(pack.runbooks)}
    for folder in folder_list(folders):
        if (own := Path(folder) / FOLDER).is_dir():
            runbooks = {**runbooks, **read_checked(own, catalogue, places)}
            places |= {path.stem: path for path in runbook_files(own)}
    return runbooks


def shipped_places() -> dict[str, Path]:
    """Return the files of the shipped runbooks by id."""
    return {path.stem: path for path in runbook_files()}


def read_checked(
    folder: Path, catalogue: Catalogue, taken: Mapping[str, Path] | None = None
) -> dict[str, Runbook]:
    """Read and validate the runbooks of a folder; `taken` are the files of ids already in use.

    Raises InvalidRecord with all problems.
    """
    runbooks = read_runbooks(folder, taken)
    problems = [
        problem
        for runbook in runbooks.values()
        for problem in _problems(runbook, folder / f"{runbook.id}.yaml", catalogue)
    ]
    if problems:
        raise InvalidRecord(problems)
    return runbooks


def read_checked_file(path: Path, catalogue: Catalogue) -> Runbook:
    """Read and validate the runbook of a file. Raises InvalidRecord with all problems."""
    runbook = read_runbook(path)
    problems = list(_problems(runbook, path, catalogue))
    if problems:
        raise InvalidRecord(problems)
    return runbook


def _problems(runbook: Runbook, path: Path, catalogue: Catalogue) -> Iterator[str]:
    for breach in breaches(runbook, catalogue):
        yield f"{location(path, breach.at)}: {breach.problem}"


def problems_of_runbooks(folder: str | None, catalogue: Catalogue) -> list[str]:
    """Return the problems of the runbooks in a team's folder, or of the shipped ones, one line each."""
    path, taken = (Path(folder) / FOLDER, shipped_places()) if folder else (RUNBOOKS, {})
    try:
        read_checked(path, catalogue, taken)
    except InvalidRecord as error:
        return list(error.problems)
    return []


def runbook_named(name: str, runbooks: Mapping[str, Runbook]) -> Runbook:
    """Return the runbook with an id. Raises UnknownName with the nearest id."""
    if name in runbooks:
        return runbooks[name]
    near = did_you_mean(name, runbooks) or "see: clearpay-doctor runbook list; a team's own need --kb DIR"
    raise UnknownName(f"{printable(name)}: no runbook has this id; {near}")


def probes_of(step: RunbookStep, catalogue: Catalogue) -> list[str]:
    """Return the probes of a step and those they need; none for a step without `check` or `verify`."""
    if step.check:
        return probes_named(step.check, catalogue)
    if step.verify:
        return catalogue.with_needs(catalogue.probes_of(entry_named(step.verify, catalogue)))
    return []


def breaches(runbook: Runbook, catalogue: Catalogue) -> Iterator[Breach]:
    """Yield names that no probe, entry or finding has, and branches that cannot be taken."""
    for number, step in enumerate(runbook.steps):
        at = ("steps", number)
        try:
            probes = probes_of(step, catalogue)
            if step.fix and step.fix != CONFIRMED:
                entry_named(step.fix, catalogue)
        except UnknownName as error:
            yield Breach(at, f"{step.id}: {step.kind}: {error}")
            continue
        for index, branch in enumerate(step.then):
            for problem in _never_taken(branch, probes, catalogue):
                yield Breach((*at, "then", index), f"{step.id}: {problem}")


def _never_taken(branch: Branch, probes: list[str], catalogue: Catalogue) -> Iterator[str]:
    emitted = [code for name in probes for code in catalogue.probes[name].FINDINGS]
    for code in branch.findings:
        if code not in emitted:
            yield f"no probe of this step emits {code}; {_hint(code, emitted)}"
    confirmable = [entry.id for name in probes for entry in catalogue.entries_of(name)]
    for entry in branch.entries:
        if entry not in confirmable:
            yield f"no probe of this step confirms {entry}; {_hint(entry, confirmable)}"


def _hint(name: str, options: list[str]) -> str:
    return did_you_mean(name, options) or f"possible: {', '.join(dict.fromkeys(options))}"


def require_answers(runbook: Runbook, answers: Iterable[str]) -> list[tuple[str, str]]:
    """Parse `--answer STEP=VALUE` to pairs. Raises UsageError for an unknown step or value."""
    return [_answer(runbook, text) for text in answers]


def _answer(runbook: Runbook, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    questions = {step.id: step for step in runbook.steps if step.ask}
    if not equals:
        raise UsageError(f"--answer {printable(text)}: write STEP=ANSWER")
    if name not in questions:
        near = did_you_mean(name, questions) or f"questions: {', '.join(questions) or 'none'}"
        question = printable(name)
        raise UsageError(f"--answer {printable(text)}: no question {question!r} in {runbook.id}; {near}")
    if value not in questions[name].choices:
        raise UsageError(f"--answer {printable(text)}: choose from {', '.join(questions[name].choices)}")
    return name, value
