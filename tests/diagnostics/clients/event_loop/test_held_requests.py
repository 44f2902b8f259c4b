"""Incomplete requests keep a complete one waiting where each occupies a worker, and nowhere else."""

import socket

import pytest

from diagnostics.clients.event_loop.held_requests import hold_requests
from diagnostics.clients.http.keepalive_connection import KeepAliveConnection
from diagnostics.engine.deadline import Deadline
from diagnostics.lab.parts.python_server import PythonServer

LIMIT_MS = 200.0


def held(url: str) -> bool | None:
    return hold_requests(
        lambda ending: KeepAliveConnection(url, None, ending), url, 4, LIMIT_MS, Deadline(20)
    )


@pytest.mark.lab
@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (PythonServer("gunicorn", workers=1), True),
        (PythonServer("gunicorn", workers=3), True),
        (PythonServer("gunicorn", worker_class="gthread", threads=2), True),
        (PythonServer("gunicorn", workers=6), False),
        (PythonServer("gunicorn", worker_class="gthread", threads=8), False),
        (PythonServer("uvicorn"), False),
    ],
    ids=["sync 1", "sync 3", "gthread 2", "sync 6", "gthread 8", "uvicorn"],
)
def test_workers_that_hold_one_request_each_are_told_from_a_loop(
    server: PythonServer, expected: bool
) -> None:
    with server:
        assert held(f"{server.url}/healthz") is expected
        assert held(f"{server.url}/healthz") is expected
        assert "error" not in server.log.lower()


def test_a_server_that_is_down_shows_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert held(f"http://127.0.0.1:{port}/healthz") is None
