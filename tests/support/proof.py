"""The proof of a finding in five steps: the contract test asserts them, the matrix records them."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from subprocess import CompletedProcess

from diagnostics.diagnosis.catalogue import Catalogue, Claim, probe_of
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.faults import FAULTS
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres import rotated_secret
from diagnostics.lab.programs import runner
from diagnostics.probes import PROBES
from diagnostics.report.model import Diagnosis, Report
from diagnostics.run.examination import Examination, examine
from diagnostics.run.placeholder_values import placeholder_values
from diagnostics.run.selection import tasks
from diagnostics.targets.target import Target
from kb.matching.index import Index
from kb.matching.index_compiler import compile_index
from kb.matching.matcher import match
from kb.records.loader import load_entries
from kb.records.models import Cause, Entry
from kb.records.placeholders import fill, placeholders_in
from kb.text.sanitize import clean

CATALOGUE = Catalogue(load_entries(), PROBES)
INDEX: Index = compile_index(CATALOGUE.entries.values())


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


def prove(lab: Lab, finding: str, *, whole: bool = False) -> Proof:
    """Inject a fault, check, run the entry's fix steps, and check again.

    Before and after, the probes of the finding's layer run; during the fault those of the other layers too.
    Probes that sample for a second or more run during faults of their own layer, and before and after for
    their own findings; `whole` runs every probe in every state.
    """
    claim, fault = CATALOGUE.claims[finding], FAULTS[finding]
    own = probe_of(finding)
    near = probes_of_layer(CATALOGUE.probes[own].LAYER)
    probes = [name for name in near if whole or own in SAMPLING or name not in SAMPLING]
    others = [name for name in CATALOGUE.probes if name in near or whole or name not in SAMPLING]
    lab.repair()
    healthy = check_lab(lab, probes)
    inject(lab, finding)
    try:
        printed = lab.fail() if fault.prints else ""
        cost_ratio = measured_cost_ratio(lab, claim, fault.cost_ratio) if fault.cost_ratio else 0.0
        matches = match(clean(printed), INDEX)
        broken = check_lab(lab, others)
        leaked = tuple(secret for secret in secrets_of(lab) if secret in repr(broken))
        applied = apply_fix(lab, claim.cause)
        after = run_correct_code(lab, claim.entry)
        repaired = check_lab(lab, probes)
    finally:
        lab.repair()
    first_match = matches[0].entry if matches else ""
    return Proof(healthy, printed, first_match, cost_ratio, broken, applied, after, repaired, leaked)


def probes_of_layer(name: str) -> list[str]:
    """Return the probes of a layer, with the probes that they need."""
    return CATALOGUE.with_needs([id_ for id_, probe in CATALOGUE.probes.items() if name == probe.LAYER])


def check_lab(lab: Lab, probes: Sequence[str] = tuple(CATALOGUE.probes)) -> Report:
    """Run probes on the lab in its current state, including active ones."""
    return check_target(lab.target, probes)


def check_target(target: Target, probes: Sequence[str] = tuple(CATALOGUE.probes)) -> Report:
    """Run probes on a target of the lab, including active ones."""
    planned = tasks([target], probes, CATALOGUE, active=True, forced=False)
    return examine(Examination(catalogue=CATALOGUE, targets=(target,), tasks=tuple(planned), active=True))


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


CLEAR_MARGIN = 2.0
"""Factor above the limit from which a busy machine cannot be the reason."""
SAMPLING = frozenset({"kills", "pool", "statements", "conflicts", "batches", "loop"})
"""Probes that sample for a second or more."""
COST = re.compile(r"taken: ([\d.]+)")


def measured_cost_ratio(lab: Lab, claim: Claim, cost_ratio: float) -> float:
    """Return the cost of the flawed code divided by that of the correct code during the fault.

    The lowest cost of each counts, as other work on the machine only adds. It measures at most five pairs,
    fewer where the ratio is clear.
    """
    pair = (runner.before(lab.broken), runner.after(claim.entry))
    best = [math.inf, math.inf]
    for _ in range(5):
        best = [min(lowest, cost(lab.run_code(path))) for lowest, path in zip(best, pair, strict=True)]
        if best[0] / max(best[1], 0.001) >= CLEAR_MARGIN * cost_ratio:
            break
    return best[0] / max(best[1], 0.001)


def cost(done: CompletedProcess[str]) -> float:
    """Return the number after `taken:` in the output of a program."""
    match_ = COST.search(done.stdout)
    assert match_, done.stderr
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
        assert not missing, f"{cause.finding}: {step.title}: {missing} has no value"
        if "pid" in placeholders_in(written.code):
            assert seen is not None, f"{cause.finding}: the step before {step.title!r} shows no process"
            for pid in seen:
                lab.apply(fill(written, {**values, "pid": pid}))
        elif step.kind == "sql" and not step.changes:
            seen = [str(row[0]) for row in lab.sql(step.code)]
        elif step.changes or step.kind != "shell":
            lab.apply(step)
    if not any(step.changes for step in steps):
        lab.repair()
    return tuple(step.title for step in steps)


def run_correct_code(lab: Lab, entry: Entry) -> str:
    """Run the correct code of the entry, or the payment job; return its error or ""."""
    done = lab.run_code(lab.after(entry))
    return done.stderr if done.returncode else ""


def confirmed(report: Report) -> list[Diagnosis]:
    """Return the confirmed diagnoses: the roots, with their consequences folded."""
    return [diagnosis for diagnosis in report.diagnoses if diagnosis.verdict == "confirmed"]
