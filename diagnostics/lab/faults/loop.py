"""Faults that block the service's event loop, or occupy all workers of a service without one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from diagnostics.lab.parts.python_server import PythonServer

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


def workers_waiting(lab: "Lab") -> Iterator[None]:
    """Run the service on gunicorn with two sync workers, which wait for a slow database."""
    with _on_gunicorn(lab, "/limits", pid=True):
        yield


def workers_computing(lab: "Lab") -> Iterator[None]:
    """Run the service on gunicorn with two sync workers, which compute within the request."""
    with _on_gunicorn(lab, "/validate", pid=True):
        yield


def workers_busy(lab: "Lab") -> Iterator[None]:
    """Run the service on gunicorn with two sync workers, whose processes the doctor cannot inspect."""
    with _on_gunicorn(lab, "/limits", pid=False):
        yield


def blocked(lab: "Lab") -> Iterator[None]:
    """Block the event loop of a service whose process the doctor cannot inspect."""
    lab.loop.switch("cpu_inline")
    lab.loop.pid = 0
    lab.publish()
    yield


@contextmanager
def _on_gunicorn(lab: "Lab", work: str, *, pid: bool) -> Iterator[None]:
    with PythonServer("gunicorn", workers=2) as server:
        lab.loop.replacement = server.service(work, pid=pid)
        lab.publish()
        yield
