"""Break a lab on purpose: one fault, or several at once."""

from diagnostics.lab.faults import fault_of
from diagnostics.lab.lab import Lab


def inject(lab: Lab, finding: str) -> None:
    """Make a finding true; repair what was broken before. Raises UnknownFault."""
    fault = fault_of(finding)
    if lab.broken:
        lab.repair()
    lab.enter_fault(fault, finding)


def inject_also(lab: Lab, finding: str) -> None:
    """Make a further finding true beside what is broken; `Lab.repair` ends all. Raises UnknownFault."""
    lab.enter_fault(fault_of(finding), finding)


def fault_summary(finding: str) -> str:
    """Return the first line of a fault's docstring: one sentence. Raises UnknownFault."""
    return (fault_of(finding).__doc__ or "").strip().splitlines()[0]
