"""Faults that block the service's event loop."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def cpu_inline(lab: "Lab") -> Iterator[None]:
    """Run each validation inside the event loop of the service."""
    lab.loop.switch("cpu_inline")
    yield


def blocking_io(lab: "Lab") -> Iterator[None]:
    """Call a blocking driver inside the event loop of the service."""
    lab.loop.switch("sleep_inline")
    yield


def gil_threads(lab: "Lab") -> Iterator[None]:
    """Run validations in a thread pool, where they hold the interpreter's lock."""
    lab.loop.switch("gil_threads")
    yield


def blocked(lab: "Lab") -> Iterator[None]:
    """Block the event loop of a service whose process the doctor cannot inspect."""
    lab.loop.switch("cpu_inline")
    lab.loop.pid = 0
    lab.publish()
    yield
