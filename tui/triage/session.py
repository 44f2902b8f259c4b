"""A case: a text or an entry, its candidates, the probes that tell them apart, what they said. No screen."""

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
from diagnostics.report.model import Diagnosis, Report, Result
from diagnostics.run.examination import Examination, concluded, new_report
from diagnostics.run.selection import discriminating_probes
from kb.matching.matcher import Match, nearest
from kb.records.models import Entry
from kb.text.sanitize import Cleaned
from tui.shared.probe_runner import Underway
from tui.shared.state import State

ORDER: Final[dict[str, int]] = {verdict: place for place, verdict in enumerate(VERDICTS)}

LISTED: Final = {"fail": 0, "skipped": 2}
"""Which probes come before the others, and which behind them."""


@dataclass
class TriageSession:
    """What Triage shows. It only holds: `diagnose` and `judge` say what it means."""

    state: State
    text: Cleaned = field(default_factory=lambda: Cleaned(""))
    matches: tuple[Match, ...] = ()
    chosen: str = ""
    """The entry that a person chose instead of handing in a text."""
    said: dict[Key, tuple[Event, ...]] = field(default_factory=dict)
    """The last events of each probe, whichever run they are of."""
    weighed: tuple[RankedProbe, ...] = ()
    planned: tuple[Task, ...] = ()
    report: Report | None = None
    established: dict[str, Diagnosis] = field(default_factory=dict)
    """The last diagnosis of each entry that had a fix: it stays while the fix is verified."""
    active: bool = False
    """Whether a person has let an active probe run."""

    def __post_init__(self) -> None:
        self.plan()

    def plan(self) -> None:
        """Choose and order the probes, for the target as it is now. What was said before is forgotten."""
        catalogue = self.state.catalogue
        scores = {match.entry: match.score for match in self.matches}
        if self.chosen:
            scores = {self.chosen: 1.0}
            probes = catalogue.with_needs(catalogue.probes_of(catalogue.entries[self.chosen]))
        else:
            probes = discriminating_probes(self.matches, catalogue)
        self.weighed = rank_probes(probes, scores, catalogue)
        self.said = {}
        self.planned = tuple(sorted(self.state.examination(probes).tasks, key=self._place))
        self.conclude()

    def _place(self, task: Task) -> int:
        return [one.probe for one in self.weighed].index(task.probe)

    def begin(self, examination: Examination, *, afresh: bool = False) -> None:
        """A run begins: its probes belong to the case from now on; `afresh` forgets what was said before."""
        known = {task.key for task in self.planned}
        self.planned += tuple(task for task in examination.tasks if task.key not in known)
        self.active = self.active or examination.active
        if afresh:
            self.said = {}
        self.conclude()

    def take(self, underway: Underway) -> None:
        """Take what a run has said so far in place of what its probes said before."""
        fresh: dict[Key, list[Event]] = {}
        for event in underway.events:
            fresh.setdefault(event.key, []).append(event)
        self.said |= {key: tuple(events) for key, events in fresh.items()}
        self.conclude(underway)

    def conclude(self, underway: Underway | None = None) -> None:
        """Ask what all of it means."""
        probes = [task.probe for task in self.planned]
        asked = self.state.examination(probes, self.matches, active=self.active)
        examination = replace(asked, tasks=self.planned)
        blank = underway.blank if underway else new_report(examination)
        self.report = concluded(examination, blank, chain.from_iterable(self.said.values()))
        self.established |= {one.entry: one for one in self.report.diagnoses if one.fix}

    @property
    def listed(self) -> list[Task]:
        """The probes as they are listed: what found something first, what turned out not to apply last."""
        return sorted(self.planned, key=lambda task: LISTED.get(self.probe_state(task, waits=False), 1))

    def able(self, probe: str) -> tuple[str, ...]:
        """The candidates that a probe can confirm."""
        return next((one.entries for one in self.weighed if one.probe == probe), ())

    @property
    def probes(self) -> list[str]:
        """The probes, most telling first."""
        return [one.probe for one in self.weighed]

    @property
    def empty(self) -> bool:
        """Whether there is neither a text nor an entry."""
        return not self.text.text and not self.chosen

    @property
    def candidates(self) -> list[str]:
        """Entries in the order of their verdicts, those of one verdict as the text ranks them."""
        named = [self.chosen] if self.chosen else [match.entry for match in self.matches]
        diagnosed = [one.entry for one in self.report.diagnoses] if self.report else []
        ranked = list(dict.fromkeys([*named, *diagnosed]))
        return sorted(ranked, key=lambda entry: ORDER.get(self.verdict(entry), len(ORDER)))

    def diagnosis(self, entry: str) -> Diagnosis | None:
        """What the report says of an entry."""
        found = self.report.diagnoses if self.report else ()
        return next((one for one in found if one.entry == entry), None)

    def match(self, entry: str) -> Match | None:
        """What the text says of an entry."""
        return next((one for one in self.matches or self.nearest if one.entry == entry), None)

    def verdict(self, entry: str) -> str:
        """A state for the list: the verdict, else whether its probes are green, else new."""
        diagnosis = self.diagnosis(entry)
        if diagnosis:
            return diagnosis.verdict
        if not self.report or not self.report.results:
            return "new"
        return "pass" if self.green(entry) else "unknown"

    def green(self, entry: str) -> bool:
        """Whether `verify` would call it green."""
        return self._verified(entry) == ExitCode.OK

    def failing(self, entry: str) -> bool:
        """Whether `verify` would call it failing, rather than not answered."""
        return self._verified(entry) == ExitCode.STILL_FAILING

    def _verified(self, entry: str) -> ExitCode:
        report = self.report or new_report(self.state.examination(()))
        return verify_code(report, self.entry(entry), self.state.catalogue)

    def deciding(self, entry: str) -> list[Task]:
        """The active probes without which an entry cannot be verified: no other probe speaks for them."""
        catalogue = self.state.catalogue
        tasks = self.state.examination(catalogue.probes_of(self.entry(entry))).tasks
        return [task for task in tasks if task.skip and not catalogue.probes[task.probe].READS]

    @cached_property
    def nearest(self) -> tuple[Match, ...]:
        """What comes nearest to a text that nothing matches."""
        return nearest(self.text, self.state.index) if self.text.text else ()

    @property
    def offered(self) -> list[str]:
        """The candidates; where there are none, what comes nearest."""
        return self.candidates or [one.entry for one in self.nearest]

    def result(self, key: Key) -> Result | None:
        """What a probe came to, where it has said anything."""
        found = self.report.results if self.report else ()
        return next((one for one in found if one.key == key), None)

    def probe_state(self, task: Task, *, waits: bool) -> str:
        """The state of a probe's row."""
        events = self.said.get(task.key, ())
        result = self.result(task.key)
        if result and events and isinstance(events[-1].body, Finished):
            return "held" if task.skip and result.outcome == "skipped" else _ended(result)
        if any(isinstance(event.body, Started) for event in events):
            return "running"
        if task.skip:
            return "held"
        return "waiting" if waits else "new"

    def doing(self, key: Key) -> str:
        """The last step of a probe that runs."""
        steps = [event.body for event in self.said.get(key, ()) if isinstance(event.body, Step)]
        return f"after {steps[-1].name} {steps[-1].detail}".strip() if steps else "started"

    def finished(self) -> Report | None:
        """The report with the exit code that `diagnose` would give it."""
        if not self.report or not self.report.results:
            return None
        return replace(self.report, exit_code=int(diagnose_code(self.report)))

    def entry(self, name: str) -> Entry:
        """An entry by its id."""
        return self.state.catalogue.entries[name]


def _ended(result: Result) -> str:
    return "cancelled" if result.reason == "cancelled" else result.outcome


def numbers(entries: Sequence[str], candidates: Sequence[str]) -> str:
    """Entries as their numbers in the list of candidates: `1, 3`."""
    return ", ".join(str(candidates.index(entry) + 1) for entry in entries if entry in candidates)
