"""Faults of a server that is down, starting or stopping."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def refused(lab: "Lab") -> Iterator[None]:
    """Stop the server."""
    lab.server.stop()
    yield


def socket_missing(lab: "Lab") -> Iterator[None]:
    """Point the application to a unix socket, and stop the server."""
    lab.override_address(host=str(lab.server.socket_folder))
    lab.server.stop()
    yield


def starting_up(lab: "Lab") -> Iterator[None]:
    """Start the server in recovery from an archive that does not answer."""
    _recover(lab, "recovery.signal", "restore_command = 'sleep 600'\n")
    lab.server.start(until="starting")
    yield


def standby_closed(lab: "Lab") -> Iterator[None]:
    """Start the server as a standby with hot_standby off."""
    _recover(lab, "standby.signal", "restore_command = '/bin/false'\nhot_standby = off\n")
    lab.server.start(until="standby")
    yield


def shutting_down(lab: "Lab") -> Iterator[None]:
    """Request a smart shutdown, which waits for an open session."""
    with lab.server.admin():
        lab.server.signal_stop("smart")
        lab.server.wait_for("stopping")
        yield


def _recover(lab: "Lab", signal_file: str, settings: str) -> None:
    lab.server.stop()
    lab.server.configure(settings)
    (lab.server.data / signal_file).touch()
