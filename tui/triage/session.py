"""A diagnosis in Triage: a text or an entry, its candidates, their probes and results. It knows no screen."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Final

from diagnostics.diagnosis.exit_status import diagnose_code, verify_code
from diagnostics.diagnosis.probe_ranking import RankedProbe, rank_probes
from diagnostics.diagnosis.verdicts import VERDICTS
from diagnostics.engine.events import Event, Finished, Key, Started, Step
from diagnostics.engine.scheduler import Task
from diagnostics.exit_codes import ExitCode
from diagnostics.report.model import Diagnosis, Report, Result, Verification, fold
from diagnostics.report.story import Act, Story
from diagnostics.run.examination import Examination, build_report, new_report, now
from diagnostics.run.selection import discriminating_probes
from kb.matching.matcher import Match, nearest
from kb.records.models import Entry
from kb.records.skeletons.plain import draft
from kb.text.sanitize import Cleaned
from tui.shared.probe_runner import ProbeRun
from tui.shared.state import State

VERDICT_ORDER: Final[dict[str, int]] = {verdict: index for index, verdict in enumerate(("fixed", *VERDICTS))}

TASK_ORDER: Final = {"fail": 0, "skipped": 2}
"""Place of a probe in the list by its state; 1 for all others."""


@dataclass
class TriageSession:
    """State of one diagnosis; `build_report` and `verify_code` decide verdicts and exit codes."""

    state: State
    text: Cleaned = field(default_factory=lambda: Cleaned(""))
    matches: tuple[Match, ...] = ()
    chosen_entry: str = ""
    """The entry that the user chose instead of a text."""
    events: dict[Key, tuple[Event, ...]] = field(default_factory=dict)
    """The events of the last run of each probe."""
    ranking: tuple[RankedProbe, ...] = ()
    tasks: tuple[Task, ...] = ()
    report: Report | None = None
    fixes: dict[str, Diagnosis] = field(default_factory=dict)
    """The last diagnosis with a fix, by entry; kept while the fix is verified."""
    active: bool = False
    """True after the user has consented to an active probe."""
    running: bool = False
    """True while a run goes on: a probe that has not ended says nothing yet."""
    confirmations: dict[str, tuple[str, Diagnosis]] = field(default_factory=dict)
    """Time of the first confirmation, and the last confirming diagnosis, by entry."""
    acts: list[Act] = field(default_factory=list)
    """Acts so far: a fix shown, a command copied."""
    story: Story | None = None
    """The story of the last verification."""
    verifying: bool = False
    first_try: Report | None = None
    """The report of the first try of the verification."""
    last_try: Report | None = None
    """The report of the last try that has ended."""
    _reference: Report | None = None
    """The report before a verification. Its verdicts stay on the screen until something else is confirmed."""
    _partial: dict[Key, Result] = field(default_factory=dict)
    """Results so far of probes that have not ended."""
    _story_run: Report | None = None
    """The empty report of the first try; its id is that of the whole verification."""

    def __post_init__(self) -> None:
        self.plan()

    def plan(self, *, keep_verdicts: bool = False) -> None:
        """Select and rank the probes for the current target; discard earlier events.

        `keep_verdicts` shows the verdicts of before until something else is confirmed.
        """
        if keep_verdicts and self._reference is None and self.report and self.report.results:
            self._reference = self.report
        catalogue = self.state.catalogue
        scores = {match.entry: match.score for match in self.matches}
        if self.chosen_entry:
            scores = {self.chosen_entry: 1.0}
            probes = catalogue.with_needs(catalogue.probes_of(self.entry(self.chosen_entry)))
        else:
            probes = discriminating_probes(self.matches, catalogue)
        self.ranking = rank_probes(probes, scores, catalogue)
        self.events, self.running = {}, False
        self.tasks = tuple(sorted(self.state.examination(probes).tasks, key=self._rank))
        self.conclude()

    def _rank(self, task: Task) -> int:
        return self.probes.index(task.probe)

    def begin_verification(self) -> None:
        """Keep the verdicts of now until something else is confirmed."""
        self._reference = self.report
        self.story, self._story_run, self.first_try, self.last_try = None, None, None, None
        self.verifying = True

    def begin(self, examination: Examination, *, discard_events: bool = False) -> None:
        """Add the tasks of a run that begins; `discard_events` forgets all earlier results."""
        self.running = True
        if not self.verifying:
            self._reference, self._story_run = None, None
        known = {task.key for task in self.tasks}
        self.tasks += tuple(task for task in examination.tasks if task.key not in known)
        self.active = self.active or examination.active
        if discard_events:
            self.events = {}
        self.conclude()

    def update(self, run: ProbeRun) -> None:
        """Replace the events of the probes of a run by its events so far."""
        by_key: dict[Key, list[Event]] = {}
        for event in run.events:
            by_key.setdefault(event.key, []).append(event)
        self.events |= {key: tuple(events) for key, events in by_key.items()}
        self.running = not run.ended
        if self.verifying and self._story_run is None:
            self._story_run = run.empty_report
        self.conclude(run)
        if self.verifying and run.ended:
            self.first_try, self.last_try = self.first_try or self.report, self.report

    def conclude(self, run: ProbeRun | None = None) -> None:
        """Compute the report of all events; while a run goes on, of the probes that have ended."""
        probes = [task.probe for task in self.tasks]
        planned = self.state.examination(probes, self.text_matches, active=self.active)
        examination = replace(planned, tasks=self.tasks)
        empty_report = run.empty_report if run else new_report(examination)
        open_keys = {key for key, events in self.events.items() if self.running and not _says(events)}
        ended = (events for key, events in self.events.items() if key not in open_keys)
        self._partial = {result.key: result for key in open_keys for result in _so_far(self.events[key])}
        self.report = build_report(examination, empty_report, chain.from_iterable(ended))
        for diagnosis in self.report.diagnoses:
            if diagnosis.verdict == "confirmed":
                first, _ = self.confirmations.get(diagnosis.entry, (now(), diagnosis))
                self.confirmations[diagnosis.entry] = first, diagnosis
        self.fixes |= {diagnosis.entry: diagnosis for diagnosis in self.report.diagnoses if diagnosis.fix}

    @property
    def sorted_tasks(self) -> list[Task]:
        """The tasks by rank, with failed probes first and skipped ones last."""
        return sorted(self.tasks, key=lambda task: TASK_ORDER.get(self.task_state(task), 1))

    def confirmable_by(self, probe: str) -> tuple[str, ...]:
        """Return the candidates that a probe can confirm."""
        return next((ranked.entries for ranked in self.ranking if ranked.probe == probe), ())

    @property
    def probes(self) -> list[str]:
        """The probes by rank, the most discriminating first."""
        return [ranked.probe for ranked in self.ranking]

    @property
    def text_matches(self) -> tuple[Match, ...] | None:
        """The matches of the text; None without a text."""
        return self.matches if self.text.text else None

    @property
    def is_unmatched(self) -> bool:
        """True if no known error matches the text, whatever the probes have found."""
        return bool(self.text.text) and not self.matches

    @property
    def is_empty(self) -> bool:
        """True if there is neither a text nor an entry."""
        return not self.text.text and not self.chosen_entry

    @property
    def candidates(self) -> list[str]:
        """The candidate entries by verdict, those of equal verdict by the score of the text."""
        matched = [self.chosen_entry] if self.chosen_entry else [match.entry for match in self.matches]
        diagnosed = [diagnosis.entry for diagnosis in self._diagnoses()]
        entries = list(dict.fromkeys([*matched, *diagnosed]))
        return sorted(entries, key=lambda entry: VERDICT_ORDER.get(self.verdict(entry), len(VERDICT_ORDER)))

    @property
    def confirmed(self) -> list[str]:
        """The confirmed candidates."""
        return [entry for entry in self.candidates if self.verdict(entry) == "confirmed"]

    def diagnosis(self, entry: str) -> Diagnosis | None:
        """Return the diagnosis of an entry."""
        return next((diagnosis for diagnosis in self._diagnoses() if diagnosis.entry == entry), None)

    def _diagnoses(self) -> list[Diagnosis]:
        """Return the diagnoses, one for each entry; from a verification on, those before it.

        Of the run of a verification, which examines one entry, only what is confirmed counts.
        """
        diagnoses = self.report.diagnoses if self.report else ()
        if self._reference:
            confirmed = [diagnosis for diagnosis in diagnoses if diagnosis.verdict == "confirmed"]
            diagnoses = (*confirmed, *self._reference.diagnoses)
        return list({diagnosis.entry: diagnosis for diagnosis in reversed(diagnoses)}.values())[::-1]

    def match(self, entry: str) -> Match | None:
        """Return the match of an entry with the text."""
        return next((match for match in self.matches or self.nearest if match.entry == entry), None)

    def verdict(self, entry: str) -> str:
        """Return the verdict on an entry; without one, the state of its probes."""
        if self.is_fixed(entry):
            return "fixed"
        diagnosis = self.diagnosis(entry)
        if diagnosis:
            return diagnosis.verdict
        if not self.report or not self.report.results:
            return "new"
        return "pass" if self.is_green(entry) else "unknown"

    def is_fixed(self, entry: str) -> bool:
        """Return True if an entry was confirmed, then verified, and is not confirmed anew."""
        story = self.story
        if story is None or story.entry != entry or not (story.confirmed_at and story.verified_at):
            return False
        diagnoses = self.report.diagnoses if self.report else ()
        return not any(item.entry == entry and item.verdict == "confirmed" for item in diagnoses)

    def own_results(self, entry: str) -> list[Result]:
        """Return the results of the probes of an entry."""
        return self.state.results_for(self.entry(entry), self.report) if self.report else []

    def is_green(self, entry: str) -> bool:
        """Return True if `verify` would exit with 0."""
        return self._verify_code(entry) == ExitCode.OK

    def is_failing(self, entry: str) -> bool:
        """Return True if `verify` would report a failure, False if it passes or is undetermined."""
        return self._verify_code(entry) == ExitCode.STILL_FAILING

    def _verify_code(self, entry: str) -> ExitCode:
        return verify_code(self.verification(entry))

    def verification(self, entry: str) -> Verification:
        """Return the state of an entry by the results so far."""
        report = self.report or new_report(self.state.examination(()))
        return self.state.verification(self.entry(entry), report)

    def required_active_tasks(self, entry: str) -> list[Task]:
        """Return the active probes without which an entry cannot be verified: no other probe covers them."""
        catalogue = self.state.catalogue
        tasks = self.state.examination(catalogue.probes_of(self.entry(entry))).tasks
        return [task for task in tasks if task.held_back and not catalogue.probes[task.probe].READS]

    @cached_property
    def nearest(self) -> tuple[Match, ...]:
        """The nearest entries to a text that matches none."""
        return nearest(self.text, self.state.index) if self.text.text else ()

    @property
    def listed_entries(self) -> list[str]:
        """The candidates; without any, the nearest entries."""
        return self.candidates or [match.entry for match in self.nearest]

    def result(self, key: Key) -> Result | None:
        """Return the result of a task, or its part so far."""
        if key in self._partial:
            return self._partial[key]
        results = self.report.results if self.report else ()
        return next((result for result in results if result.key == key), None)

    def task_state(self, task: Task, *, in_run: bool = False) -> str:
        """Return the state of a task; `in_run` is True if the current run includes it."""
        events = self.events.get(task.key, ())
        result = self.result(task.key)
        if result and events and isinstance(events[-1].body, Finished):
            return "held" if task.held_back and result.outcome == "skipped" else _final_state(result)
        if any(isinstance(event.body, Started) for event in events):
            return "running"
        if task.held_back:
            return "held"
        return "waiting" if in_run else "new"

    def last_step(self, key: Key) -> str:
        """Return a text for the last step of a running task."""
        steps = [event.body for event in self.events.get(key, ()) if isinstance(event.body, Step)]
        return f"after {steps[-1].name} {steps[-1].detail}".strip() if steps else "started"

    def final_report(self) -> Report | None:
        """Return the report with its exit code, and the story of a verification; None without results.

        The report of a verification has the id and the start of its first try.
        """
        of_story = self.last_try if self._story_run else None
        shown = of_story or self.report
        if not shown or not shown.results:
            return None
        report = replace(shown, story=self.story)
        if self.story is None or self._story_run is None:
            return replace(report, exit_code=int(diagnose_code(report)))
        verification = self.state.verification(self.entry(self.story.entry), report)
        return replace(
            report,
            run_id=self._story_run.run_id,
            started=self._story_run.started,
            verification=verification,
            exit_code=int(verify_code(verification)),
        )

    def blank_report(self) -> Report:
        """Return the report of a verification that was stopped before its first result."""
        return replace(self._story_run or new_report(self.state.examination(())), story=self.story)

    @property
    def draft_text(self) -> str:
        """A draft of an entry if no known error matches the text; else empty."""
        return draft(self.text.text) if self.text.text and not self.candidates else ""

    def entry(self, name: str) -> Entry:
        """Return the entry with this id. Raises KeyError."""
        return self.state.catalogue.entries[name]


def candidate_numbers(entries: Sequence[str], candidates: Sequence[str]) -> str:
    """Return the numbers of entries in the list of candidates, as in `1, 3`."""
    return ", ".join(str(candidates.index(entry) + 1) for entry in entries if entry in candidates)


def _says(events: Sequence[Event]) -> bool:
    """Return True if a probe has ended, and by itself: one that was skipped says nothing before the end."""
    last = events[-1].body
    return isinstance(last, Finished) and last.outcome not in {"skipped", "blocked"}


def _so_far(events: Sequence[Event]) -> tuple[Result, ...]:
    """Return the result of a probe while its run goes on."""
    if isinstance(events[-1].body, Finished):
        return fold(events)
    return tuple(replace(result, reason="") for result in fold(events))


def _final_state(result: Result) -> str:
    return "cancelled" if result.reason == "cancelled" else result.outcome
