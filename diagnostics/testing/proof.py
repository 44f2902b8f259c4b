"""The proof of a finding in five steps: the contract test asserts them, the matrix records them."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

from diagnostics.diagnosis.catalogue import MANUAL, Catalogue, probe_of
from diagnostics.lab.errors import LabError
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres import rotated_secret
from diagnostics.lab.programs import runner
from diagnostics.report.model import Diagnosis, Report
from diagnostics.run.examination import Examination, examine
from diagnostics.run.placeholder_values import placeholder_values
from diagnostics.run.selection import discriminating_probes, tasks
from diagnostics.targets.target import Target
from diagnostics.testing.subject import Subject
from kb.matching.matcher import Match, match
from kb.records.models import Cause
from kb.records.placeholders import fill, placeholders_in
from kb.text.sanitize import clean

SAMPLING = frozenset({"kills", "pool", "statements", "conflicts", "batches", "loop"})
"""Probes that sample for a second or more."""
CLEAR_MARGIN = 2.0
"""Factor above the limit from which a busy machine cannot be the reason."""
COST = re.compile(r"taken: ([\d.]+)")


@dataclass(frozen=True)
class Proof:
    """Observations from the healthy lab over the broken one to the repaired one."""

    healthy: Report
    printed: str
    first_match: str
    """Entry that the printed text matched first."""
    cost_ratio: float
    """Time or memory of the flawed code divided by that of the correct code; 0 where the code fails."""
    broken: Report
    applied: tuple[str, ...]
    """Titles of the fix steps that ran."""
    after: str
    """Standard error of the correct code, "" where it succeeded."""
    repaired: Report
    leaked: tuple[str, ...]
    """Secrets of the lab in the report of the broken state."""
    by_text: tuple[Diagnosis, ...] = ()
    """Diagnoses of the printed text during the fault, for a finding that no probe can make."""


def prove(lab: Lab, finding: str, subject: Subject, *, whole: bool = False) -> Proof:
    """Inject a fault, check, run the entry's fix steps, and check again.

    Before and after, the probes of the finding's layer run; during the fault those of the other layers too.
    Probes that sample for a second or more run during faults of their own layer, and before and after for
    their own findings; `whole` runs every probe in every state.
    """
    catalogue = subject.catalogue
    claim, fault = catalogue.claims[finding], subject.faults[finding]
    own = probe_of(finding)
    layer = claim.entry.layer if own == MANUAL else catalogue.probes[own].LAYER
    near = probes_of_layer(layer, catalogue)
    probes = [name for name in near if whole or own in SAMPLING or name not in SAMPLING]
    others = [name for name in catalogue.probes if name in near or whole or name not in SAMPLING]
    folder = subject.folder_of(claim.entry)
    pair = (runner.before_of(claim.entry, folder), runner.after(claim.entry, folder))
    lab.repair()
    healthy = check_target(lab.target, catalogue, probes)
    lab.enter_fault(fault.function, finding)
    try:
        printed = lab.fail(pair[0]) if fault.prints else ""
        cost_ratio = measured_cost_ratio(lab, pair, fault.cost_ratio) if fault.cost_ratio else 0.0
        matches = match(clean(printed), subject.index)
        broken = check_target(lab.target, catalogue, others)
        by_text = diagnosed(lab.target, catalogue, matches) if own == MANUAL else ()
        leaked = tuple(secret for secret in secrets_of(lab) if secret in repr(broken))
        applied = apply_fix(lab, claim.cause)
        after = run_correct_code(lab, pair[1])
        repaired = check_target(lab.target, catalogue, probes)
    finally:
        lab.repair()
    first = matches[0].entry if matches else ""
    return Proof(healthy, printed, first, cost_ratio, broken, applied, after, repaired, leaked, by_text)


def probes_of_layer(name: str, catalogue: Catalogue) -> list[str]:
    """Return the probes of a layer, with the probes that they need."""
    return catalogue.with_needs([id_ for id_, probe in catalogue.probes.items() if name == probe.LAYER])


def check_target(target: Target, catalogue: Catalogue, probes: Sequence[str] = ()) -> Report:
    """Run probes on a target of the lab, including active ones; without `probes` all of them."""
    planned = tasks([target], probes or list(catalogue.probes), catalogue, active=True, forced=False)
    return examine(Examination(catalogue=catalogue, targets=(target,), tasks=tuple(planned), active=True))


def diagnosed(target: Target, catalogue: Catalogue, matches: Sequence[Match]) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of a text on a target of the lab, as `diagnose` makes them."""
    examination = Examination(
        catalogue=catalogue, targets=(target,), matches=tuple(matches), has_text=True, active=True
    )
    return examine(examination.with_probes(discriminating_probes(matches, catalogue))).diagnoses


def secrets_of(lab: Lab) -> list[str]:
    """Return the current secrets of the lab."""
    files = (
        lab.layout.application_password,
        lab.layout.monitor_password,
        lab.layout.pooler_password,
        lab.api.key_file,
        lab.api.token_file,
        lab.receiver.secret_file,
    )
    secrets = [path.read_text("utf-8").strip() for path in files if path.is_file()]
    others = [lab.passwords.previous, lab.configs.webhook_secret, rotated_secret.SECRET_KEY]
    return [secret for secret in (*secrets, *others) if secret]


def measured_cost_ratio(lab: Lab, pair: tuple[Path, Path], cost_ratio: float) -> float:
    """Return the cost of the flawed code divided by that of the correct code during the fault.

    The lowest cost of each counts, as other work on the machine only adds. It measures at most five pairs,
    fewer where the ratio is clear.
    """
    best = [math.inf, math.inf]
    for _ in range(5):
        best = [min(lowest, cost(lab.run_code(path))) for lowest, path in zip(best, pair, strict=True)]
        if best[0] / max(best[1], 0.001) >= CLEAR_MARGIN * cost_ratio:
            break
    return best[0] / max(best[1], 0.001)


def cost(done: CompletedProcess[str]) -> float:
    """Return the number after `taken:` in the output of a program."""
    match_ = COST.search(done.stdout)
    if not match_:
        raise LabError(f"the output has no line `taken: ...`: {done.stdout}{done.stderr}")
    return float(match_[1])


def apply_fix(lab: Lab, cause: Cause) -> tuple[str, ...]:
    """Run the entry's steps with the lab's privileges; repair the lab where all steps are manual.

    A step for one process runs for each that the look before it shows, in its first column.
    """
    values = placeholder_values(lab.target)
    steps = [fill(step, values) for step in cause.fix if step.kind != "manual"]
    seen: list[str] | None = None
    for step, written in zip(steps, (step for step in cause.fix if step.kind != "manual"), strict=True):
        missing = placeholders_in(step.code)
        if missing:
            raise LabError(f"{cause.finding}: {step.title}: {missing} has no value")
        if "pid" in placeholders_in(written.code):
            if seen is None:
                raise LabError(f"{cause.finding}: the step before {step.title!r} shows no process")
            for pid in seen:
                lab.apply(fill(written, {**values, "pid": pid}))
        elif step.kind == "sql" and not step.changes:
            seen = [str(row[0]) for row in lab.sql(step.code)]
        elif step.changes or step.kind != "shell":
            lab.apply(step)
    if not any(step.changes for step in steps):
        lab.repair()
    return tuple(step.title for step in steps)


def run_correct_code(lab: Lab, program: Path) -> str:
    """Run the correct code of an entry, or the payment job; return its error or ""."""
    done = lab.run_code(program)
    return done.stderr if done.returncode else ""


def confirmed(report: Report) -> list[Diagnosis]:
    """Return the confirmed diagnoses: the roots, with their consequences folded."""
    return [diagnosis for diagnosis in report.diagnoses if diagnosis.verdict == "confirmed"]
