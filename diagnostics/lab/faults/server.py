"""The server is down, coming up or going down."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def refused(lab: "Lab") -> Iterator[None]:
    """Nothing listens on the port."""
    lab.server.stop()
    yield


def socket_missing(lab: "Lab") -> Iterator[None]:
    """The application connects through a unix socket that is not there."""
    lab.override_address(host=str(lab.server.socket_folder))
    lab.server.stop()
    yield


def starting_up(lab: "Lab") -> Iterator[None]:
    """Recovery from an archive that does not answer."""
    _recover(lab, "recovery.signal", "restore_command = 'sleep 600'\n")
    lab.server.start(until="starting")
    yield


def standby_closed(lab: "Lab") -> Iterator[None]:
    """A standby that does not take readers."""
    _recover(lab, "standby.signal", "restore_command = '/bin/false'\nhot_standby = off\n")
    lab.server.start(until="standby")
    yield


def shutting_down(lab: "Lab") -> Iterator[None]:
    """A smart shutdown that waits for a session which does not end."""
    with lab.server.admin():
        lab.server.signal_stop("smart")
        lab.server.wait_for("stopping")
        yield


def _recover(lab: "Lab", signal_file: str, settings: str) -> None:
    lab.server.stop()
    lab.server.configure(settings)
    (lab.server.data / signal_file).touch()
