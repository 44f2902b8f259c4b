"""Runbooks held against records and probes, and found by name."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.errors import UnknownName, UsageError, printable
from diagnostics.run.knowledge import catalogue_of
from diagnostics.run.selection import entry_named, probes_named
from kb.records.errors import InvalidRecord
from kb.runbook_model.loader import RUNBOOKS, load_runbooks, place, read_runbook, read_runbooks
from kb.runbook_model.model import CONFIRMED, Branch, Breach, Runbook, RunbookStep
from kb.text.suggestions import did_you_mean

FOLDER = "runbooks"
"""Where a team's own stand below `--kb DIR`."""


def runbooks_known(folder: str | None) -> Mapping[str, Runbook]:
    """The shipped runbooks and a team's own. Raises what `catalogue_of` raises."""
    return load_runbooks() if folder is None else runbooks_of(folder, catalogue_of(folder))


def runbooks_of(folder: str | None, catalogue: Catalogue) -> Mapping[str, Runbook]:
    """The shipped runbooks, with a team's own beside them. Raises InvalidRecord with every problem."""
    shipped = load_runbooks()
    if folder is None or not (own := Path(folder) / FOLDER).is_dir():
        return shipped
    return {**shipped, **checked(own, catalogue, shipped)}


def checked(folder: Path, catalogue: Catalogue, known: Iterable[str] = ()) -> dict[str, Runbook]:
    """The runbooks of a folder, all of which can be walked. Raises InvalidRecord with every problem."""
    found = read_runbooks(folder, known)
    problems = [
        problem for one in found.values() for problem in _problems(one, folder / f"{one.id}.yaml", catalogue)
    ]
    if problems:
        raise InvalidRecord(problems)
    return found


def checked_one(path: Path, catalogue: Catalogue) -> Runbook:
    """The runbook of a file, which can be walked. Raises InvalidRecord with every problem."""
    runbook = read_runbook(path)
    problems = list(_problems(runbook, path, catalogue))
    if problems:
        raise InvalidRecord(problems)
    return runbook


def _problems(runbook: Runbook, path: Path, catalogue: Catalogue) -> Iterator[str]:
    for breach in breaches(runbook, catalogue):
        yield f"{place(path, breach.at)}: {breach.problem}"


def problems_of_runbooks(folder: str | None, catalogue: Catalogue) -> list[str]:
    """Every problem of every runbook of a team's folder, of the shipped ones without it; one line each."""
    try:
        checked(Path(folder) / FOLDER if folder else RUNBOOKS, catalogue, load_runbooks() if folder else ())
    except InvalidRecord as error:
        return list(error.problems)
    return []


def runbook_named(name: str, runbooks: Mapping[str, Runbook]) -> Runbook:
    """The runbook with an id. Raises UnknownName with the nearest one."""
    if name in runbooks:
        return runbooks[name]
    near = did_you_mean(name, runbooks) or "see: clearpay-doctor runbook list; a team's own need --kb DIR"
    raise UnknownName(f"{printable(name)}: no runbook has this id; {near}")


def probes_of(step: RunbookStep, catalogue: Catalogue) -> list[str]:
    """The probes that a step runs, with what they need; none for a step that does not look."""
    if step.check:
        return probes_named(step.check, catalogue)
    if step.verify:
        return catalogue.with_needs(catalogue.probes_of(entry_named(step.verify, catalogue)))
    return []


def breaches(runbook: Runbook, catalogue: Catalogue) -> Iterator[Breach]:
    """Names in a runbook that no probe, record or finding has, and branches that can never be taken."""
    for number, step in enumerate(runbook.steps):
        at = ("steps", number)
        try:
            probes = probes_of(step, catalogue)
            if step.fix and step.fix != CONFIRMED:
                entry_named(step.fix, catalogue)
        except UnknownName as error:
            yield Breach(at, f"{step.id}: {step.kind}: {error}")
            continue
        for place_, branch in enumerate(step.then):
            for problem in _never_taken(branch, probes, catalogue):
                yield Breach((*at, "then", place_), f"{step.id}: {problem}")


def _never_taken(branch: Branch, probes: list[str], catalogue: Catalogue) -> Iterator[str]:
    emitted = [code for name in probes for code in catalogue.probes[name].FINDINGS]
    for code in branch.findings:
        if code not in emitted:
            yield f"no probe of this step emits {code}; {_hint(code, emitted)}"
    confirmable = [entry.id for name in probes for entry in catalogue.entries_of(name)]
    for entry in branch.entries:
        if entry not in confirmable:
            yield f"no probe of this step confirms {entry}; {_hint(entry, confirmable)}"


def _hint(name: str, known: list[str]) -> str:
    return did_you_mean(name, known) or f"it can say: {', '.join(dict.fromkeys(known))}"


def require_answers(runbook: Runbook, answers: Iterable[str]) -> list[tuple[str, str]]:
    """`--answer step=value` as pairs. Raises UsageError for a step or a value that does not exist."""
    return [_answer(runbook, text) for text in answers]


def _answer(runbook: Runbook, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    asking = {step.id: step for step in runbook.steps if step.ask}
    if not equals:
        raise UsageError(f"--answer {printable(text)}: write STEP=ANSWER")
    if name not in asking:
        near = did_you_mean(name, asking) or f"questions: {', '.join(asking) or 'none'}"
        question = printable(name)
        raise UsageError(f"--answer {printable(text)}: no question {question!r} in {runbook.id}; {near}")
    if value not in asking[name].choices:
        raise UsageError(f"--answer {printable(text)}: choose from {', '.join(asking[name].choices)}")
    return name, value
