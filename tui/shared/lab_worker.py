"""Changes of the lab; each blocks and returns one message."""

from collections.abc import Callable

from tui.shared.lab import LabControl, RunningLab
from tui.shared.messages import LabChanged, LabFailed


def start_lab(lab: RunningLab) -> LabChanged | LabFailed:
    """Start the lab, or connect to the running one."""
    return _apply(lab, lab.open, lambda finding: f"the lab is up, {finding or 'healthy'}: L breaks it")


def change_lab(lab: LabControl, finding: str) -> LabChanged | LabFailed:
    """Inject the fault of a finding; repair the lab if `finding` is empty."""
    if not finding:
        return _apply(lab, lab.repair, lambda _: "the lab is healthy")
    return _apply(lab, lambda: lab.break_(finding), lambda broken: f"the lab is broken: {broken}")


def _apply(
    lab: LabControl, change: Callable[[], str | None], notice: Callable[[str], str]
) -> LabChanged | LabFailed:
    try:
        printed = change()
        finding = lab.broken()
        return LabChanged(notice(finding), lab, lab.target(), finding, printed or "")
    except Exception as error:  # noqa: BLE001  whatever the lab raises is a message; the screens stay usable
        return LabFailed(f"the lab failed: {error}")
