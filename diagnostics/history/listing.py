"""List of recorded runs, newest first, each in one line."""

from dataclasses import dataclass
from pathlib import Path

from diagnostics.engine.events import Outcome
from diagnostics.history.folder import MAX_RUNS, names_in, runs_folder
from diagnostics.history.reader import UnreadableRun, read_run
from diagnostics.history.replay import RecordedRun, State, attempts
from diagnostics.report.fix_record import FixRecord
from diagnostics.report.head import beside_story
from diagnostics.report.model import roll_up
from kb.text.sanitize import one_line

MAX_NOTES = 5
"""Notes about skipped files that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Summary of one run."""

    id: str
    started: str
    """UTC, ISO 8601."""
    state: State
    targets: tuple[str, ...]
    outcome: Outcome
    """Outcome of the run: the roll-up of its results."""
    verdict: str
    """Strongest verdict of the run's diagnoses; empty without a diagnosis."""
    entries: tuple[str, ...]
    """Entries with this verdict."""
    exit_code: int | None
    """None if the run has not ended."""
    text_matched: bool | None
    """False if no known error matches the text that was diagnosed; None if there was no text."""
    seconds: float
    verified: str = ""
    """Entry that was verified; empty unless the run is a verification that ended green."""
    was_confirmed: bool = False
    """True if the verified entry was confirmed before."""
    fix: str = ""
    """Entry and state of a fix that was not verified."""
    tries: int = 1
    """Tries of a verification."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Contents of the folder of runs."""

    runs: tuple[Summary, ...] = ()
    notes: tuple[str, ...] = ()
    """Skipped files with the reasons."""


def list_runs() -> Listing:
    """List the runs of this user. Other files are skipped with a note; without a folder the list is empty."""
    try:
        folder = runs_folder()
        names, others = names_in(folder)
    except OSError as error:
        return Listing(notes=(f"{error.filename}: {error.strerror}",))
    runs: list[Summary] = []
    skipped = [f"{one_line(name)}: is not a run of clearpay-doctor" for name in others]
    for name in names[:MAX_RUNS]:
        try:
            runs.append(summary(read_run(folder / name, brief=True)))
        except UnreadableRun as reason:
            skipped.append(f"{name}: {reason}")
    return Listing(tuple(runs), tuple(_bounded(skipped)))


def load_run(run_id: str) -> RecordedRun:
    """Read a run by its id. Raises UnreadableRun."""
    try:
        folder = runs_folder()
        names, _ = names_in(folder)
    except OSError as error:
        raise UnreadableRun(str(error.strerror)) from None
    files = {Path(name).stem: name for name in names}
    if run_id not in files:
        raise UnreadableRun("no run has this id")
    return read_run(folder / files[run_id])


def summary(run: RecordedRun) -> Summary:
    """Summarize a run."""
    report = run.report
    diagnoses, story = beside_story(report), report.story
    verdict = diagnoses[0].verdict if diagnoses else ""
    return Summary(
        id=report.run_id,
        started=report.started,
        state=run.state,
        targets=report.targets,
        outcome=roll_up(report.results),
        verdict=verdict,
        entries=tuple(item.entry for item in diagnoses if item.verdict == verdict),
        exit_code=report.exit_code if run.state == "finished" else None,
        text_matched=report.text_matched,
        seconds=round(run.seconds, 3),
        verified=story.entry if story and story.verified_at else _verified_by(report.fix),
        was_confirmed=bool(story and story.confirmed_at) or bool(_verified_by(report.fix)),
        fix=_open_fix(report.fix),
        tries=_tries(run),
    )


def _verified_by(fix: FixRecord | None) -> str:
    """Return the entry of a fix that was verified, else nothing."""
    return fix.entry if fix and fix.state == "verified" else ""


def _open_fix(fix: FixRecord | None) -> str:
    """Return entry and state of a fix that was not verified, else nothing."""
    return f"fix of {fix.entry} {fix.state.replace('_', ' ')}" if fix and not _verified_by(fix) else ""


def _tries(run: RecordedRun) -> int:
    """Return the number of tries of a verification, 1 for other runs."""
    if run.report.fix:
        return max(1, run.report.fix.tries)
    if run.report.story:
        return max(1, len(run.report.story.tries))
    return len(attempts(run.events)) if run.report.verification else 1


def summary_line(run: Summary) -> str:
    """Return start, targets, outcome, verdict, exit code and duration of a run in one line."""
    parts = [run.started[:16].replace("T", " "), ", ".join(run.targets) or "no target", run.outcome]
    if run.text_matched is False:
        parts.append("text unmatched")
    if run.verified:
        parts.append(f"{run.verified} {'fixed' if run.was_confirmed else 'verified'}")
    if run.fix:
        parts.append(run.fix)
    if run.tries > 1:
        parts.append(f"{run.tries} tries")
    if run.verdict and run.verdict != "ruled_out":
        parts.append(f"{', '.join(run.entries)} {run.verdict}")
    parts.append(run.state if run.exit_code is None else f"exit code {run.exit_code}")
    return one_line("  ".join([*parts, f"{run.seconds:.1f} s"]))


def _bounded(skipped: list[str]) -> list[str]:
    more = len(skipped) - MAX_NOTES
    return skipped if more <= 0 else [*skipped[:MAX_NOTES], f"and {more} more"]
