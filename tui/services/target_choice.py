"""Choice of the target: a name of the target file, the lab, or an address."""

from diagnostics.errors import UsageError
from diagnostics.run.selection import require_endpoints
from diagnostics.targets import target_file
from diagnostics.targets.command_line.located import located
from diagnostics.targets.secrets.check import require_secrets
from diagnostics.targets.target import Target
from kb.records.errors import InvalidRecord
from tui.dialogs import menus
from tui.dialogs.text_input import TextInput
from tui.shared.host import Host

HINT = "postgresql://role@host:5432/database, https://host/base, host:port, or a path."


def choose_target(host: Host) -> None:
    """Ask which target to examine."""
    host.push_screen(menus.targets(host.state), lambda name: _chosen(host, name))


def use_target(host: Host, name: str | None) -> None:
    """Make the named target, or the one at an address, the current target; show why it is invalid."""
    if not name:
        return
    try:
        target = _target(host, name)
        require_endpoints([target])
        require_secrets([target])
    except (UsageError, InvalidRecord) as error:
        host.show_message(str(error))
        return
    host.state.set_target(target)
    if screen := host.base_screen:
        screen.apply_target_change()
        host.show_message(f"the target is now {target.name}")


def _chosen(host: Host, name: str | None) -> None:
    if name == menus.ADDRESS:
        host.push_screen(TextInput("Address of the target", HINT), lambda address: use_target(host, address))
    else:
        use_target(host, name)


def _target(host: Host, name: str) -> Target:
    state = host.state
    if name == target_file.LAB and state.lab:
        return state.lab.target()
    target = target_file.target_named(name, state.config)
    return located(target, state.config, name)
