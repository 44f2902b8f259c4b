"""`demo`: one entry from fault to verified fix on the lab: break, fail, diagnose, fix, verify."""

import argparse
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diagnostics.diagnosis.catalogue import Catalogue, Claim, probe_of
from diagnostics.diagnosis.exit_status import verify_code
from diagnostics.diagnosis.verification import verification_of
from diagnostics.errors import UsageError
from diagnostics.exit_codes import ExitCode
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
from kb.text.wrapping import wrap, wrap_paragraphs

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

EXAMPLE = "clearpay-doctor demo db-deadlock"
DEFAULT = "db-credential-rotation"
STEPS = 6
MAX_OUTPUT_LINES = 6
"""Lines shown from the end of the application's output."""
INDENT = 13
"""Columns before the text of a step."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `demo`."""
    parser.add_argument("entry", nargs="?", default=DEFAULT, metavar="ENTRY", help=f"default: {DEFAULT}")


def run(options: argparse.Namespace) -> int:
    """Run the demo of one entry; return OK if its fix was verified."""
    catalogue = catalogue_of(None)
    claim = _claim(options.entry, catalogue)
    try:
        from diagnostics.lab.lab import Lab  # noqa: PLC0415  the lab is an extra
    except ImportError as error:
        raise UsageError(f"the lab needs {error.name}: pip install 'clearpay-doctor[lab]'") from None
    demo = Demo(catalogue, claim, terminal_of(sys.stdout))
    with Lab() as lab:
        return demo.run(lab)


def _claim(name: str, catalogue: Catalogue) -> Claim:
    if name in catalogue.claims:
        return catalogue.claims[name]
    entry = entry_named(name, catalogue)
    return catalogue.claims[entry.causes[0].finding]


class Demo:
    """The demo of one cause, in six numbered steps."""

    def __init__(self, catalogue: Catalogue, claim: Claim, terminal: Terminal) -> None:
        self.catalogue, self.claim, self.terminal = catalogue, claim, terminal
        self._began = time.monotonic()
        self._step = 0

    def run(self, lab: "Lab") -> int:
        """Run all steps on a healthy lab and return the exit code."""
        from diagnostics.lab.fault_injection import fault_summary, inject  # noqa: PLC0415  as the lab itself
        from diagnostics.lab.programs.payment_process import PaymentJob  # noqa: PLC0415

        self.begin("A lab on this machine")
        self.print_text(lab.description)
        with PaymentJob(lab.environment(), lab.layout.home) as job:
            self.print_text(f"a payment job is running: {job.first_line()}")
            self.begin(f"Break it: {self.claim.cause.finding}")
            self.print_text(fault_summary(self.claim.cause.finding))
            inject(lab, self.claim.cause.finding)
            output = job.traceback() or self.output_of_failing_code(lab)
        self.begin("Output of the application")
        self.show_output(output)
        self.begin("clearpay-doctor diagnose - --target lab --active")
        report = self.diagnose(lab, output)
        print(human.render(report, self.terminal), end="")
        self.begin("The fix of the entry")
        self.fix(lab, self.fix_steps(report))
        probe = self.catalogue.probes.get(probe_of(self.claim.cause.finding))
        active = probe is not None and probe.SAFETY == "active"
        option = " --active" if active else ""
        self.begin(f"clearpay-doctor verify {self.claim.entry.id}{option} --target lab")
        return self.verify(lab)

    def begin(self, title: str) -> None:
        """Print the heading of the next step, with the time since the start."""
        self._step += 1
        elapsed = self.terminal.paint(f"{time.monotonic() - self._began:4.1f} s", "dim")
        print(f"\n{elapsed}  {self.terminal.paint(f'{self._step}/{STEPS}  {title}', 'strong')}", flush=True)

    def print_text(self, text: str) -> None:
        """Print indented text within a step."""
        for line in wrap_paragraphs(text, self.terminal.width, " " * INDENT):
            print(line, flush=True)

    def show_output(self, output: str) -> None:
        """Print the last lines of a program's output, without the marks below lines of a traceback."""
        lines = [line for line in clean(output).text.strip().splitlines() if line.strip(" ^~")]
        for line in lines[-MAX_OUTPUT_LINES:]:
            for part in wrap(line, self.terminal.width - 4, hanging="      ", break_on_hyphens=True) or [""]:
                print(f"  | {part}")

    def output_of_failing_code(self, lab: "Lab") -> str:
        """Run the program that fails, of the entry, and return its output: a traceback, or figures alone."""
        done = lab.run_before()
        return done.stdout + done.stderr

    def diagnose(self, lab: "Lab", output: str) -> Report:
        """Return the report of `diagnose --active` for the output of the application."""
        index = compile_index(self.catalogue.entries.values())
        matches = match(clean(output), index)
        return self.examine(lab, discriminating_probes(matches, self.catalogue), matches)

    def examine(self, lab: "Lab", probes: Sequence[str], matches: Sequence[Match] | None = None) -> Report:
        """Run probes on the lab, active ones too: it is not a production system."""
        examination = Examination(
            self.catalogue,
            (lab.target,),
            matches=tuple(matches or ()),
            has_text=matches is not None,
            active=True,
        )
        return examine(examination.with_probes(probes))

    def fix_steps(self, report: Report) -> tuple[FixStep, ...]:
        """Return the fix of the diagnosis, with its placeholders filled."""
        finding = self.claim.cause.finding
        return next((diagnosis.fix for diagnosis in report.diagnoses if diagnosis.finding == finding), ())

    def fix(self, lab: "Lab", steps: tuple[FixStep, ...]) -> None:
        """Run the steps with the rights of the lab; where all are manual, repair the fault instead."""
        for step in steps:
            self.print_text(f"{step.title} ({step.kind})")
            if step.kind != "manual" and step.changes:
                lab.apply(step)
                self.print_text(f"{self.terminal.state('pass')}: it ran as printed above")
        if not any(step.changes and step.kind != "manual" for step in steps):
            self.print_text("by hand; the lab repairs the fault instead")
            lab.repair()

    def verify(self, lab: "Lab") -> int:
        """Run the probes and the application again; return OK if both succeed, else STILL_FAILING."""
        entry = self.claim.entry
        report = self.examine(lab, self.catalogue.with_needs(self.catalogue.probes_of(entry)))
        code = verify_code(verification_of(report, entry, self.catalogue, (lab.target,)))
        for result in report.results:
            if result.outcome != "skipped":
                self.print_text(f"{result.key.probe:<12} {self.terminal.state(result.outcome)}")
        done = lab.run_code(lab.after(entry))
        last = (done.stdout.strip() or done.stderr.strip() or "nothing").splitlines()[-1]
        self.print_text(f"the job, with the working code, prints: {last}")
        green = code == ExitCode.OK and done.returncode == 0
        verdict = (
            self.terminal.paint("verified", "good") if green else self.terminal.paint("not verified", "bad")
        )
        print(f"\n{entry.id}: {verdict} after {time.monotonic() - self._began:.1f} s")
        return ExitCode.OK if green else ExitCode.STILL_FAILING
