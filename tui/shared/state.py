"""What all screens share: what is known, what is examined, and what the last runs came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.exit_status import verify_code
from diagnostics.diagnosis.verdicts import VERDICTS
from diagnostics.exit_codes import ExitCode
from diagnostics.redaction import Redactor
from diagnostics.report.model import Diagnosis, Report, Result
from diagnostics.run.examination import Examination
from diagnostics.run.selection import tasks
from diagnostics.targets.target import Target
from diagnostics.targets.target_file import LAB, Config
from kb.matching.index import Index
from kb.matching.matcher import Match
from kb.records.models import Entry
from tui.shared.history_types import RunHistory, RunRecorder
from tui.shared.lab import LabControl
from tui.style.theme import Symbols

PAUSE_S = 2.0
"""Seconds between two tries of a verification."""
GREEN: Mapping[ExitCode, str] = {
    ExitCode.OK: "pass", ExitCode.STILL_FAILING: "suspected", ExitCode.UNDETERMINED: "unknown",
}  # fmt: skip


@dataclass
class State:
    """One use of the application, from its start to its summary."""

    catalogue: Catalogue
    index: Index
    config: Config
    target: Target | None = None
    kb: str | None = None
    """The folder of a team's own records and runbooks."""
    symbols: Symbols = field(default_factory=lambda: Symbols(ascii_only=False))
    lab: LabControl | None = None
    lab_starts: bool = False
    """Whether the lab is on its way: it takes some seconds, in which the screen is already there."""
    broken: str = ""
    """The finding that the lab makes true; empty where it is healthy or there is none."""
    past: RunHistory | None = None
    record: RunRecorder | None = None
    """Begins the record of a run."""
    pause_s: float = PAUSE_S
    redactor: Redactor = field(default_factory=Redactor)
    rejected: set[bytes] = field(default_factory=set)
    """Credentials that a server rejected; none of them is tried twice, whichever screen asks."""
    reports: list[Report] = field(default_factory=list)
    """What ended in this session, oldest first."""
    said: list[str] = field(default_factory=list)
    """What the summary tells besides: files written, fixes verified."""

    def examination(
        self, probes: Sequence[str], matches: Sequence[Match] = (), *, active: bool = False
    ) -> Examination:
        """A run over the target; `active` is the consent of a person who was told what is sent."""
        targets = (self.target,) if self.target else ()
        planned = tasks(targets, probes, self.catalogue, active=active, forced=active)
        return Examination(
            catalogue=self.catalogue,
            targets=targets,
            tasks=tuple(planned),
            matches=tuple(matches),
            active=active,
            redactor=self.redactor,
            rejected=self.rejected,
        )

    def ended(self, report: Report) -> None:
        """Keep a report that has come to its end."""
        self.reports = [one for one in self.reports if one.run_id != report.run_id] + [report]

    def changed_target(self, target: Target | None) -> None:
        """Look at something else. What was rejected there says nothing about here."""
        self.target, self.rejected = target, set()

    @property
    def on_lab(self) -> bool:
        """Whether what is examined is the lab, broken from here."""
        return bool(self.lab and self.broken and self.target and self.target.name == LAB)

    def site(self, entry: str) -> str:
        """The address of an entry's page; empty where the target names no site."""
        base = self.target.settings.site_url if self.target else ""
        return f"{base.rstrip('/')}/errors/{entry}/" if base else ""

    def last(self, entry: Entry) -> tuple[str, Diagnosis | None, Report | None]:
        """The last word on an entry: a state, the diagnosis and its report where there are any."""
        for report in reversed(self.reports):
            for diagnosis in report.diagnoses:
                if diagnosis.entry == entry.id:
                    return diagnosis.verdict, diagnosis, report
            if self.results_for(entry, report):
                return GREEN.get(verify_code(report, entry, self.catalogue), "unknown"), None, report
        return "new", None, None

    def results_for(self, entry: Entry, report: Report) -> list[Result]:
        """What the entry's own probes came to in a report."""
        wanted = self.catalogue.probes_of(entry)
        return [result for result in report.results if result.key.probe in wanted]

    def verdict_order(self, diagnosis: Diagnosis) -> int:
        """The place of a verdict among the others."""
        return VERDICTS.index(diagnosis.verdict)

    def with_lab(self, lab: LabControl, target: Target, broken: str) -> None:
        """Use a lab: it becomes the target, and is looked for anew whenever it was changed."""
        self.lab, self.lab_starts, self.broken = lab, False, broken
        self.changed_target(target)
