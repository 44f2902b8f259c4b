"""The five steps by which a finding is proven; the contract test asserts them, the matrix records them."""

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
    """What was seen on the way from healthy to broken to healthy again."""

    healthy: Report
    printed: str
    first: str
    """The entry that the printed text matched first."""
    relief: float
    """How many times as much the code that suffers took as the code that does not; 0 where it fails."""
    broken: Report
    applied: tuple[str, ...]
    """The fix steps that were executed."""
    after: str
    """What the code that does not fail printed on standard error, empty where it ran through."""
    repaired: Report
    leaked: tuple[str, ...]
    """Secrets of the lab that the report of the broken state shows."""


def prove(lab: Lab, finding: str, *, whole: bool = False) -> Proof:
    """Break the lab by one finding, look, fix it by the record's own steps, look again.

    Before and after, the probes of the finding's layer look; while it is broken those of the others too.
    Those that watch for a while look while their own layer is broken, and before and after for findings of
    their own; elsewhere they look with `whole`, as the matrix wants it.
    """
    claim, fault = CATALOGUE.claims[finding], FAULTS[finding]
    own = probe_of(finding)
    near = layer(PROBES[own].LAYER)
    probes = [name for name in near if whole or own in WATCHING or name not in WATCHING]
    others = [name for name in PROBES if name in near or whole or name not in WATCHING]
    lab.repair()
    healthy = looked(lab, probes)
    inject(lab, finding)
    try:
        printed = lab.fail() if fault.prints else ""
        relief = effect(lab, claim, fault.cost_ratio) if fault.cost_ratio else 0.0
        matches = match(clean(printed), INDEX)
        broken = looked(lab, others)
        leaked = tuple(secret for secret in secrets_of(lab) if secret in repr(broken))
        applied = fix(lab, claim.cause)
        after = ran(lab, claim.entry)
        repaired = looked(lab, probes)
    finally:
        lab.repair()
    first = matches[0].entry if matches else ""
    return Proof(healthy, printed, first, relief, broken, applied, after, repaired, leaked)


def layer(name: str) -> list[str]:
    """The probes of one layer, with what they need."""
    return CATALOGUE.with_needs([id_ for id_, probe in PROBES.items() if name == probe.LAYER])


def looked(lab: Lab, probes: Sequence[str] = tuple(PROBES)) -> Report:
    """The lab as it is now, by every probe or by some, active ones too."""
    return examined(lab.target, probes)


def examined(target: Target, probes: Sequence[str] = tuple(PROBES)) -> Report:
    """A target of the lab, by every probe or by some, active ones too."""
    planned = tasks([target], probes, CATALOGUE, active=True, forced=False)
    return examine(Examination(catalogue=CATALOGUE, targets=(target,), tasks=tuple(planned), active=True))


def secrets_of(lab: Lab) -> list[str]:
    """What the lab keeps secret at this moment."""
    files = (
        lab.layout.application_password,
        lab.layout.monitor_password,
        lab.api.key_file,
        lab.api.token_file,
        lab.receiver.secret_file,
    )
    kept = [path.read_text("utf-8").strip() for path in files if path.is_file()]
    further = [lab.passwords.previous, lab.configs.webhook_secret, rotated_secret.SECRET_KEY]
    return [secret for secret in (*kept, *further) if secret]


BEYOND_DOUBT = 2.0
"""How far above the mark an effect is no matter of a busy machine."""
WATCHING = frozenset({"kills", "pool", "statements", "conflicts", "batches", "loop"})
"""Probes that watch for a second or more."""
TAKEN = re.compile(r"taken: ([\d.]+)")


def effect(lab: Lab, claim: Claim, cost_ratio: float) -> float:
    """What the code before takes by what the code after takes, both while the fault is on.

    The best of each counts: other work on the machine only ever adds. Five pairs at most: fewer
    where they put it beyond doubt.
    """
    pair = (runner.before(lab.broken), runner.after(claim.entry))
    best = [math.inf, math.inf]
    for _ in range(5):
        best = [min(least, taken(lab.run_code(path))) for least, path in zip(best, pair, strict=True)]
        if best[0] / max(best[1], 0.001) >= BEYOND_DOUBT * cost_ratio:
            break
    return best[0] / max(best[1], 0.001)


def taken(done: CompletedProcess[str]) -> float:
    """The number behind `taken:` in what a program printed."""
    found = TAKEN.search(done.stdout)
    assert found, done.stderr
    return float(found[1])


def fix(lab: Lab, cause: Cause) -> tuple[str, ...]:
    """Run the record's steps with the lab's rights; a cause whose steps are by hand is simply ended."""
    values = placeholder_values(lab.target)
    steps = [fill(step, values) for step in cause.fix if step.kind != "manual"]
    for step in steps:
        missing = placeholders_in(step.code)
        assert not missing, f"{cause.finding}: {step.title}: {missing} has no value"
        if step.changes or step.kind != "shell":
            lab.apply(step)
    if not any(step.changes for step in steps):
        lab.repair()
    return tuple(step.title for step in steps)


def ran(lab: Lab, entry: Entry) -> str:
    """Run the code that does not fail, or the payment job where no code is at fault."""
    done = lab.run_code(lab.after(entry))
    return done.stderr if done.returncode else ""


def confirmed(report: Report) -> list[Diagnosis]:
    """The roots: confirmed entries with their consequences folded."""
    return [diagnosis for diagnosis in report.diagnoses if diagnosis.verdict == "confirmed"]
