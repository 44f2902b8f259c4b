"""gunicorn and uvicorn serve the payments service with the requested workers, and end with them."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from diagnostics.lab.parts.python_server import UVICORN_WORKER, PythonServer
from tests.diagnostics.lab.process.test_supervisor import has_ended

pytestmark = pytest.mark.lab


def family(pid: int) -> list[int]:
    """Return a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return [pid, *map(int, children)]


@pytest.mark.parametrize(
    ("server", "header"),
    [
        (PythonServer("gunicorn", workers=2), "gunicorn"),
        (PythonServer("gunicorn", worker_class="gthread", threads=2), "gunicorn"),
        (PythonServer("gunicorn", worker_class=UVICORN_WORKER, workers=2), "uvicorn"),
        (PythonServer("uvicorn"), "uvicorn"),
        (PythonServer("uvicorn", workers=2), "uvicorn"),
    ],
    ids=["gunicorn sync", "gunicorn gthread", "gunicorn uvicorn", "uvicorn", "uvicorn two"],
)
def test_each_server_answers_and_leaves_no_process(server: PythonServer, header: str) -> None:
    with server:
        health = requests.get(f"{server.url}/healthz", timeout=10)
        work = requests.get(f"{server.url}/limits", timeout=10)
        missing = requests.get(f"{server.url}/nothing", timeout=10)
        pids = family(server.pid)

    assert (health.status_code, work.status_code, missing.status_code) == (200, 200, 404)
    assert health.headers["Server"] == header
    assert all(map(has_ended, pids))


def test_a_sync_worker_answers_one_request_at_a_time() -> None:
    with PythonServer("gunicorn") as server, ThreadPoolExecutor(3) as clients:
        began = time.perf_counter()
        list(clients.map(lambda _: requests.get(f"{server.url}/limits", timeout=10), range(3)))

        assert time.perf_counter() - began >= 0.3


def test_work_beside_the_loop_of_uvicorn_ends_with_it() -> None:
    with PythonServer("uvicorn") as server:
        answers = [requests.get(f"{server.url}/{path}", timeout=10) for path in ("offloaded", "awaited")]
        pids = family(server.pid)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(pids) == 2
    assert all(map(has_ended, pids))
