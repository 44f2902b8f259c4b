"""Break a lab on purpose: one fault, or several at once."""

from diagnostics.lab.faults import fault_of
from diagnostics.lab.lab import Lab


def inject(lab: Lab, finding: str) -> None:
    """Produce a finding, after a repair of what was broken before. Raises UnknownFault."""
    fault = fault_of(finding)
    if lab.broken:
        lab.repair()
    lab.enter_fault(fault.function, finding)


def inject_also(lab: Lab, finding: str) -> None:
    """Produce a further finding; `Lab.repair` ends all of them. Raises UnknownFault."""
    lab.enter_fault(fault_of(finding).function, finding)


def fault_summary(finding: str) -> str:
    """Return the action of a fault in one sentence. Raises UnknownFault."""
    return fault_of(finding).summary
