"""`demo`: the whole walk on the lab, told as it happens: break, fail, diagnose, fix, verify."""

import argparse
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diagnostics.diagnosis.catalogue import Catalogue, Claim, probe_of
from diagnostics.diagnosis.exit_status import verify_code
from diagnostics.errors import UsageError
from diagnostics.exit_codes import ExitCode
from diagnostics.lab.fault_injection import fault_summary, inject
from diagnostics.report.formats import human
from diagnostics.report.model import Report
from diagnostics.run.examination import Examination, examine
from diagnostics.run.knowledge import catalogue_of
from diagnostics.run.selection import discriminating_probes, entry_named
from diagnostics.terminal import Terminal, terminal_of
from kb.matching.index_compiler import compile_index
from kb.matching.matcher import Match, match
from kb.records.models import FixStep
from kb.text.sanitize import clean
from kb.text.wrapping import wrap

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

EXAMPLE = "clearpay-doctor demo db-deadlock"
DEFAULT = "db-credential-rotation"
ACTS = 6
LAST_LINES = 6
INDENT = 13
"""Columns before what is said within an act."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `demo` takes."""
    parser.add_argument("entry", nargs="?", default=DEFAULT, metavar="ENTRY", help=f"default: {DEFAULT}")


def run(options: argparse.Namespace) -> int:
    """Tell the story of one entry; exit code 0 where it ended green."""
    catalogue = catalogue_of(None)
    claim = _claim(options.entry, catalogue)
    try:
        from diagnostics.lab.lab import Lab  # noqa: PLC0415  the lab is an extra
    except ImportError as error:
        raise UsageError(f"the lab needs {error.name}: pip install 'clearpay-doctor[lab]'") from None
    story = Story(catalogue, claim, terminal_of(sys.stdout))
    with Lab() as lab:
        return story.told(lab)


def _claim(name: str, catalogue: Catalogue) -> Claim:
    if name in catalogue.claims:
        return catalogue.claims[name]
    entry = entry_named(name, catalogue)
    return catalogue.claims[entry.causes[0].finding]


class Story:
    """One entry's story, in six acts."""

    def __init__(self, catalogue: Catalogue, claim: Claim, terminal: Terminal) -> None:
        self.catalogue, self.claim, self.terminal = catalogue, claim, terminal
        self._began = time.monotonic()
        self._act = 0

    def told(self, lab: "Lab") -> int:
        """Tell it on a lab that is healthy."""
        from diagnostics.lab.programs.payment_process import PaymentJob  # noqa: PLC0415  as the lab itself

        self.act("A lab on this machine")
        self.say(lab.description)
        with PaymentJob(lab.environment(), lab.layout.home) as job:
            self.say(f"a payment job is running: {job.first_line()}")
            self.act(f"Break it: {self.claim.cause.finding}")
            self.say(fault_summary(self.claim.cause.finding))
            inject(lab, self.claim.cause.finding)
            printed = job.traceback() or self.suffered(lab)
        self.act("What the application prints")
        self.show(printed)
        self.act("clearpay-doctor diagnose - --target lab --active")
        report = self.diagnosed(lab, printed)
        print(human.render(report, self.terminal), end="")
        self.act("The fix, as the record says it")
        self.fix(lab, self.steps(report))
        felt = self.catalogue.probes[probe_of(self.claim.cause.finding)].SAFETY == "active"
        self.act(f"clearpay-doctor verify {self.claim.entry.id}{' --active' if felt else ''} --target lab")
        return self.verified(lab)

    def act(self, title: str) -> None:
        """Begin an act."""
        self._act += 1
        clock = self.terminal.paint(f"{time.monotonic() - self._began:4.1f} s", "dim")
        print(f"\n{clock}  {self.terminal.paint(f'{self._act}/{ACTS}  {title}', 'strong')}", flush=True)

    def say(self, line: str) -> None:
        """Say a line within an act."""
        width = self.terminal.width - INDENT
        for part in wrap(line, width, break_long_words=False):
            print(f"{'':{INDENT}}{part}", flush=True)

    def show(self, printed: str) -> None:
        """Show the end of what a program printed, without the marks under its source lines."""
        lines = [line for line in clean(printed).text.strip().splitlines() if line.strip(" ^~")]
        for line in lines[-LAST_LINES:]:
            for part in wrap(line, self.terminal.width - 4, hanging="      ", break_on_hyphens=True) or [""]:
                print(f"  | {part}")

    def suffered(self, lab: "Lab") -> str:
        """What the code at fault prints: a traceback, or only how much it took."""
        done = lab.run_before()
        return done.stdout + done.stderr

    def diagnosed(self, lab: "Lab", printed: str) -> Report:
        """Diagnose as the command does, active probes included: the lab is nobody's production."""
        index = compile_index(self.catalogue.entries.values())
        matches = match(clean(printed), index)
        return self.looked(lab, discriminating_probes(matches, self.catalogue), matches)

    def looked(self, lab: "Lab", probes: Sequence[str], matches: Sequence[Match] = ()) -> Report:
        """Run probes on the lab as it is now."""
        examination = Examination(self.catalogue, (lab.target,), matches=tuple(matches), active=True)
        return examine(examination.with_probes(probes))

    def steps(self, report: Report) -> tuple[FixStep, ...]:
        """The fix that the diagnosis shows, its placeholders filled."""
        found = [one for one in report.diagnoses if one.finding == self.claim.cause.finding]
        return found[0].fix if found else ()

    def fix(self, lab: "Lab", steps: tuple[FixStep, ...]) -> None:
        """Run the steps with the lab's rights; what is by hand is said, and the fault ended instead."""
        for step in steps:
            self.say(f"{step.title} ({step.kind})")
            if step.kind != "manual" and step.changes:
                lab.apply(step)
                self.say(f"{self.terminal.state('pass')}: it ran as printed above")
        if not any(step.changes and step.kind != "manual" for step in steps):
            self.say("by hand; the lab ends the fault in its place")
            lab.repair()

    def verified(self, lab: "Lab") -> int:
        """Look again, and let the application work again."""
        entry = self.claim.entry
        report = self.looked(lab, self.catalogue.with_needs(self.catalogue.probes_of(entry)))
        code = verify_code(report, entry, self.catalogue)
        for result in (one for one in report.results if one.outcome != "skipped"):
            self.say(f"{result.key.probe:<12} {self.terminal.state(result.outcome)}")
        done = lab.run_code(lab.after(entry))
        last = (done.stdout.strip() or done.stderr.strip() or "nothing").splitlines()[-1]
        self.say(f"the job, with the code that does not fail, prints: {last}")
        green = code == ExitCode.OK and done.returncode == 0
        verdict = (
            self.terminal.paint("verified", "good") if green else self.terminal.paint("not verified", "bad")
        )
        print(f"\n{entry.id}: {verdict} after {time.monotonic() - self._began:.1f} s")
        return ExitCode.OK if green else ExitCode.STILL_FAILING
