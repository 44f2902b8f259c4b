"""The event loop of a service is kept from answering."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def cpu_inline(lab: "Lab") -> Iterator[None]:
    """Each validation computes within the event loop of the service."""
    lab.loop.switch("cpu_inline")
    yield


def blocking_io(lab: "Lab") -> Iterator[None]:
    """Each validation waits for a driver that blocks the event loop of the service."""
    lab.loop.switch("sleep_inline")
    yield


def gil_threads(lab: "Lab") -> Iterator[None]:
    """Validations were moved to a pool of threads, where they hold the interpreter's lock."""
    lab.loop.switch("gil_threads")
    yield


def blocked(lab: "Lab") -> Iterator[None]:
    """The event loop of the service is blocked, and it runs where the doctor cannot look at its process."""
    lab.loop.switch("cpu_inline")
    lab.loop.pid = 0
    lab.publish()
    yield
