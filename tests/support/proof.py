"""The proof of the shipped findings: the catalogue, the index, and runs of probes on the lab."""

from collections.abc import Sequence

from diagnostics.lab.lab import Lab
from diagnostics.report.model import Report
from diagnostics.targets.target import Target
from diagnostics.testing import proof
from diagnostics.testing.proof import Proof, apply_fix, confirmed
from diagnostics.testing.subject import shipped

__all__ = [
    "CATALOGUE",
    "INDEX",
    "Proof",
    "apply_fix",
    "check_lab",
    "check_target",
    "confirmed",
    "probes_of_layer",
    "prove",
]
CATALOGUE = shipped().catalogue
INDEX = shipped().index


def prove(lab: Lab, finding: str, *, whole: bool = False) -> Proof:
    """Prove a shipped finding; `whole` runs every probe in every state."""
    return proof.prove(lab, finding, shipped(), whole=whole)


def probes_of_layer(name: str) -> list[str]:
    """Return the shipped probes of a layer, with the probes that they need."""
    return proof.probes_of_layer(name, CATALOGUE)


def check_lab(lab: Lab, probes: Sequence[str] = ()) -> Report:
    """Run probes on the lab in its current state, including active ones; by default all of them."""
    return check_target(lab.target, probes)


def check_target(target: Target, probes: Sequence[str] = ()) -> Report:
    """Run probes on a target of the lab, including active ones; by default all of them."""
    return proof.check_target(target, CATALOGUE, probes)
