"""Changes of the lab, made on a thread, each answered by one message."""

from collections.abc import Callable

from tui.shared.lab import LabControl, RunningLab
from tui.shared.messages import LabChanged, LabFailed


def started(lab: RunningLab) -> LabChanged | LabFailed:
    """Start the lab, or find the one that runs."""
    return _answered(lab, lab.open, lambda broken: f"the lab is up, {broken or 'healthy'}: L breaks it")


def changed(lab: LabControl, finding: str) -> LabChanged | LabFailed:
    """Break the lab, or repair it where no finding is named."""
    if not finding:
        return _answered(lab, lab.repair, lambda _: "the lab is healthy")
    return _answered(lab, lambda: lab.break_(finding), lambda broken: f"the lab is broken: {broken}")


def _answered(
    lab: LabControl, change: Callable[[], str | None], say: Callable[[str], str]
) -> LabChanged | LabFailed:
    try:
        printed = change()
        broken = lab.broken()
        return LabChanged(say(broken), lab, lab.target(), broken, printed or "")
    except Exception as error:  # noqa: BLE001  a lab that cannot do it says why; the screen goes on
        return LabFailed(f"the lab cannot do that: {error}")
