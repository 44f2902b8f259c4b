"""State that all screens share: knowledge, target, history, and the reports of this session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.exit_status import verify_code
from diagnostics.diagnosis.verification import verification_of
from diagnostics.exit_codes import ExitCode
from diagnostics.redaction import Redactor
from diagnostics.report.head import beside_story
from diagnostics.report.model import Diagnosis, Report, Result, Verification
from diagnostics.run.examination import Examination
from diagnostics.run.knowledge import Folders
from diagnostics.targets.target import Target
from diagnostics.targets.target_file import LAB, Config
from kb.matching.index import Index
from kb.matching.matcher import Match
from kb.records.models import Entry
from tui.shared.history_types import RunHistory, RunRecorder
from tui.shared.lab import LabControl
from tui.style.theme import Symbols

PAUSE_S = 2.0
"""Seconds between two attempts of a verification."""
VERIFY_STATES: Mapping[ExitCode, str] = {
    ExitCode.OK: "pass", ExitCode.STILL_FAILING: "suspected", ExitCode.UNDETERMINED: "unknown",
}  # fmt: skip


class ThemeStore(Protocol):
    """The theme that the user has chosen, kept between sessions."""

    def read(self) -> str:
        """Return the name of the kept theme; empty without one."""

    def write(self, theme: str) -> None:
        """Keep a theme."""


@dataclass
class State:
    """One session of the application, from its start to its summary."""

    catalogue: Catalogue
    index: Index
    config: Config
    target: Target | None = None
    targets: tuple[Target, ...] = ()
    """The targets of the command line, of which `target` is the current one."""
    kb: Folders = None
    """Folders of a team's own entries and runbooks."""
    kb_option: tuple[str, ...] = ()
    """Values of `--kb`, for commands: they read the folders of the target file by themselves."""
    symbols: Symbols = field(default_factory=lambda: Symbols(ascii_only=False))
    lab: LabControl | None = None
    lab_starting: bool = False
    """True while the lab starts; that takes some seconds, in which the screens are usable."""
    lab_finding: str = ""
    """The finding of the fault that is injected in the lab; empty if there is none."""
    history: RunHistory | None = None
    recorder: RunRecorder | None = None
    themes: ThemeStore | None = None
    pause_s: float = PAUSE_S
    redactor: Redactor = field(default_factory=Redactor)
    rejected: set[bytes] = field(default_factory=set)
    """Credentials that a server has rejected; shared by all runs, so that none is tried twice."""
    reports: list[Report] = field(default_factory=list)
    """Reports of the runs that ended in this session, oldest first."""
    notes: list[str] = field(default_factory=list)
    """Further lines of the summary: files written, fixes verified."""

    def examination(
        self,
        probes: Sequence[str],
        matches: Sequence[Match] | None = None,
        *,
        active: bool = False,
        target: Target | None = None,
    ) -> Examination:
        """Return an examination of the current target, or another one.

        `active` is the user's consent to active probes.

        `matches` are those of a text; None without a text.
        """
        return Examination(
            catalogue=self.catalogue,
            targets=tuple(item for item in (target or self.target,) if item),
            matches=tuple(matches or ()),
            has_text=matches is not None,
            active=active,
            forced=active,
            redactor=self.redactor,
            rejected=self.rejected,
            kb=self.kb_option,
        ).with_probes(probes)

    def examination_of_all(self) -> Examination:
        """Return an examination of all targets by all probes that are not active."""
        quiet = [name for name, probe in self.catalogue.probes.items() if probe.SAFETY != "active"]
        empty = Examination(
            catalogue=self.catalogue,
            targets=self.all_targets,
            redactor=self.redactor,
            rejected=self.rejected,
            kb=self.kb_option,
        )
        return empty.with_probes(quiet)

    def add_report(self, report: Report) -> None:
        """Add the report of a run that has ended, in place of an earlier one of the same run."""
        self.reports = [other for other in self.reports if other.run_id != report.run_id] + [report]

    def set_target(self, target: Target | None) -> None:
        """Change the target. Credentials rejected by the last one may be valid here."""
        self.target, self.rejected = target, set()

    def use_lab(self, lab: LabControl, target: Target, finding: str) -> None:
        """Make a lab the target, with the finding of its injected fault."""
        self.lab, self.lab_starting, self.lab_finding = lab, False, finding
        self.set_target(target)

    @property
    def all_targets(self) -> tuple[Target, ...]:
        """The targets of the command line, else the current one."""
        if len(self.targets) > 1:
            return self.targets
        return (self.target,) if self.target else ()

    @property
    def target_is_broken_lab(self) -> bool:
        """True if the target is the lab and a fault is injected in it."""
        return bool(self.lab and self.lab_finding and self.target and self.target.name == LAB)

    def page_url(self, entry: str) -> str:
        """Return the URL of an entry's page; empty if the target names no site."""
        base = self.target.settings.site_url if self.target else ""
        return f"{base.rstrip('/')}/errors/{entry}/" if base else ""

    def last_result(self, entry: Entry) -> tuple[str, Diagnosis | None, Report | None]:
        """Return the last state of an entry, with its diagnosis and report if there are any."""
        for report in reversed(self.reports):
            if report.story and report.story.entry == entry.id and report.story.verified_at:
                return "fixed" if report.story.confirmed_at else "pass", None, report
            for diagnosis in beside_story(report):
                if diagnosis.entry == entry.id:
                    return diagnosis.verdict, diagnosis, report
            if self.results_for(entry, report):
                code = verify_code(self.verification(entry, report))
                return VERIFY_STATES.get(code, "unknown"), None, report
        return "new", None, None

    def verification(self, entry: Entry, report: Report) -> Verification:
        """Return the state of an entry by a report on the target."""
        return verification_of(report, entry, self.catalogue, (self.target,) if self.target else ())

    def results_for(self, entry: Entry, report: Report) -> list[Result]:
        """Return the results of the entry's own probes in a report."""
        wanted = self.catalogue.probes_of(entry)
        return [result for result in report.results if result.key.probe in wanted]
