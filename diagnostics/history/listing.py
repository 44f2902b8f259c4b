"""The list of kept runs, newest first, each in one line."""

from dataclasses import dataclass
from pathlib import Path

from diagnostics.engine.events import Outcome
from diagnostics.history.folder import KEPT, names_in, runs_folder
from diagnostics.history.reader import UnreadableRun, read_run
from diagnostics.history.replay import RecordedRun, State
from diagnostics.report.model import roll_up
from kb.text.sanitize import one_line

MOST_NOTES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One run in few words."""

    id: str
    started: str
    """UTC, ISO 8601."""
    state: State
    targets: tuple[str, ...]
    outcome: Outcome
    """The roll-up."""
    verdict: str
    """The strongest of the run's diagnoses; empty where it has none."""
    entries: tuple[str, ...]
    """The entries with this verdict."""
    exit_code: int | None
    """None where the run did not come to its end."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Listing:
    """What the folder holds."""

    runs: tuple[Summary, ...] = ()
    notes: tuple[str, ...] = ()
    """What was skipped, and why."""


def list_runs() -> Listing:
    """The runs of this user. What is no run is skipped with a note; an absent folder is an empty list."""
    try:
        folder = runs_folder()
        names, others = names_in(folder)
    except OSError as error:
        return Listing(notes=(f"{error.filename}: {error.strerror}",))
    runs: list[Summary] = []
    skipped = [f"{one_line(name)}: is no run of clearpay-doctor" for name in others]
    for name in names[:KEPT]:
        try:
            runs.append(summary(read_run(folder / name, brief=True)))
        except UnreadableRun as reason:
            skipped.append(f"{name}: {reason}")
    return Listing(tuple(runs), tuple(_bounded(skipped)))


def load_run(run_id: str) -> RecordedRun:
    """One run by its id. Raises NoRun."""
    try:
        folder = runs_folder()
        names, _ = names_in(folder)
    except OSError as error:
        raise UnreadableRun(str(error.strerror)) from None
    known = {Path(name).stem: name for name in names}
    if run_id not in known:
        raise UnreadableRun("no run of this id is kept")
    return read_run(folder / known[run_id])


def summary(run: RecordedRun) -> Summary:
    """The run in few words."""
    report = run.report
    verdict = report.diagnoses[0].verdict if report.diagnoses else ""
    return Summary(
        id=report.run_id,
        started=report.started,
        state=run.state,
        targets=report.targets,
        outcome=roll_up(report.results),
        verdict=verdict,
        entries=tuple(one.entry for one in report.diagnoses if one.verdict == verdict),
        exit_code=report.exit_code if run.state == "finished" else None,
        seconds=round(run.seconds, 3),
    )


def summary_line(of: Summary) -> str:
    """When, what, how it ended, what it was, how long it took."""
    parts = [of.started[:16].replace("T", " "), ", ".join(of.targets) or "no target", of.outcome]
    if of.verdict and of.verdict != "ruled_out":
        parts.append(f"{', '.join(of.entries)} {of.verdict}")
    parts.append(of.state if of.exit_code is None else f"exit code {of.exit_code}")
    return one_line("  ".join([*parts, f"{of.seconds:.1f} s"]))


def _bounded(skipped: list[str]) -> list[str]:
    more = len(skipped) - MOST_NOTES
    return skipped if more <= 0 else [*skipped[:MOST_NOTES], f"and {more} more"]
