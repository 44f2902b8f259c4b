"""The processes that serve are found among those of real servers, with their traits."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest

from diagnostics.clients.event_loop.server_processes import process_traits, serving_processes
from diagnostics.lab.parts.event_loop import LoopPart
from diagnostics.lab.parts.python_server import UVICORN_WORKER, PythonServer

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def loop() -> Iterator[LoopPart]:
    with LoopPart() as part:
        yield part


def opened(port: int) -> HTTPConnection:
    """Return a connection that has answered once and stays open if the server keeps it."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    return connection


def test_the_workers_of_gunicorn_serve_and_its_first_process_does_not() -> None:
    with PythonServer("gunicorn", workers=3) as server:
        pids = serving_processes(server.pid)
        traits = process_traits(pids)

        assert len(pids) == 3
        assert server.pid not in pids
        assert traits is not None
        assert (traits.polls, traits.library) == (False, "")


@pytest.mark.parametrize(
    "server",
    [PythonServer("uvicorn", workers=2), PythonServer("gunicorn", worker_class=UVICORN_WORKER, workers=2)],
    ids=["uvicorn", "gunicorn"],
)
def test_the_worker_that_holds_a_connection_is_named(server: PythonServer) -> None:
    with server, closing(opened(server.port)) as connection:
        (owner,) = serving_processes(server.pid, [connection.sock.getsockname()[1]])
        traits = process_traits([owner])

        assert owner in serving_processes(server.pid)
        assert traits is not None
        assert (traits.polls, traits.library) == (True, "asyncio")


def test_a_process_beside_the_loop_is_not_taken_for_a_worker(loop: LoopPart) -> None:
    with closing(opened(loop.port)) as connection:
        assert serving_processes(loop.pid, [connection.sock.getsockname()[1]]) == (loop.pid,)
    assert serving_processes(loop.pid) == (loop.pid,)


def test_a_program_that_waits_for_one_connection_has_no_epoll() -> None:
    program = (
        "import socket, sys; server = socket.create_server(('127.0.0.1', 0));"
        "print(server.getsockname()[1], flush=True); server.accept(); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)):
            traits = process_traits([process.pid])

    assert traits is not None
    assert not traits.polls


def test_a_process_that_is_not_there_has_no_traits() -> None:
    assert serving_processes(2**22 + 1) == (2**22 + 1,)
    assert process_traits([2**22 + 1]) is None
