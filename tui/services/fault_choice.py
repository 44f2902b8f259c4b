"""Choice of the fault to inject in the lab."""

from tui.dialogs import menus
from tui.shared.background import run_in_background
from tui.shared.host import Host
from tui.shared.lab_worker import change_lab


def choose_fault(host: Host) -> None:
    """Ask which fault to inject, or whether to repair the lab, and do it in the background."""
    host.push_screen(menus.faults(host.state), lambda finding: _chosen(host, finding))


def _chosen(host: Host, finding: str | None) -> None:
    lab = host.state.lab
    if not finding or lab is None:
        return
    fault = "" if finding == menus.REPAIR else finding
    host.keys.hold()  # until the screen shows the changed lab
    host.show_message(f"breaking the lab: {fault}..." if fault else "repairing the lab...")
    run_in_background(lambda: change_lab(lab, fault), host.post_message, "lab")
