"""`loop` names the kind of server that it measured, on the servers that applications run on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from diagnostics.lab.api.nginx import Nginx
from diagnostics.lab.parts.python_server import UVICORN_WORKER, PythonServer
from diagnostics.probes.loop import KIND
from diagnostics.targets.settings import Service
from tests.diagnostics.probes.running import ProbeResult
from tests.diagnostics.probes.test_loop import PATIENT, TRIES, patiently, target
from tests.support.requirements import needs_nginx

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def one_worker() -> Iterator[PythonServer]:
    """Yield gunicorn as `gunicorn app:app` starts it: one sync worker."""
    with PythonServer("gunicorn") as server:
        yield server


def looked(service: Service) -> ProbeResult:
    """Run the probe, again if other work on the machine kept health waiting before the load."""
    for _ in range(TRIES):
        found = patiently(target(service, PATIENT))
        if "without our load" not in found.reason:
            break
    return found


@pytest.mark.parametrize(
    ("work", "pid", "code"),
    [
        ("/limits", True, "loop.workers_waiting"),
        ("/validate", True, "loop.workers_computing"),
        ("/limits", False, "loop.workers_busy"),
        ("/validate", False, "loop.workers_busy"),
    ],
)
def test_a_sync_worker_is_busy_and_has_no_event_loop(
    one_worker: PythonServer, work: str, pid: bool, code: str
) -> None:
    found = looked(one_worker.service(work, pid=pid))

    assert (found.outcome, found.codes) == ("fail", [code]), (found.reason, found.evidence)
    assert found.evidence[KIND].value == "workers"
    assert found.evidence["health beside 4 incomplete requests"].value != "is answered meanwhile"


def test_threads_that_wait_and_threads_that_share_a_lock_are_told_apart() -> None:
    with PythonServer("gunicorn", worker_class="gthread", threads=2) as few:
        waiting = looked(few.service("/limits"))
    with PythonServer("gunicorn", worker_class="gthread", threads=8) as many:
        enough, computing = looked(many.service("/limits")), looked(many.service("/validate"))

    assert waiting.codes == ["loop.workers_waiting"], waiting.evidence
    assert (enough.outcome, enough.codes) == ("pass", []), (enough.reason, enough.evidence)
    assert computing.codes == ["loop.workers_computing"], computing.evidence
    assert {each.evidence[KIND].value for each in (waiting, enough, computing)} == {"workers"}


def test_workers_enough_are_healthy() -> None:
    with PythonServer("gunicorn", workers=9) as server:
        found = looked(server.service("/limits"))

    assert (found.outcome, found.codes) == ("pass", []), (found.reason, found.evidence)
    assert found.evidence[KIND].value == "workers"


@pytest.mark.parametrize(
    "server",
    [
        PythonServer("uvicorn"),
        PythonServer("uvicorn", workers=2),
        PythonServer("gunicorn", worker_class=UVICORN_WORKER, workers=2),
    ],
    ids=["uvicorn", "uvicorn two", "gunicorn two"],
)
def test_a_loop_that_is_blocked_in_one_of_several_workers_is_named(server: PythonServer) -> None:
    with server:
        waiting, computing = looked(server.service("/limits")), looked(server.service("/validate"))
        hidden, free = looked(server.service("/limits", pid=False)), looked(server.service("/awaited"))

    assert waiting.codes == ["loop.blocking_io"], (waiting.reason, waiting.evidence)
    assert computing.codes == ["loop.cpu_inline"], (computing.reason, computing.evidence)
    assert hidden.codes == ["loop.blocked"], (hidden.reason, hidden.evidence)
    assert (free.outcome, free.codes) == ("pass", []), (free.reason, free.evidence)
    assert {each.evidence[KIND].value for each in (waiting, computing, hidden, free)} == {"event loop"}


@needs_nginx
def test_behind_a_proxy_the_processes_tell_and_without_them_both_kinds_are_named(
    one_worker: PythonServer,
) -> None:
    with Nginx(f"127.0.0.1:{one_worker.port}") as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        urls = replace(one_worker.service("/limits"), health=f"{url}/healthz", work=f"{url}/limits")
        visible, hidden = looked(urls), looked(replace(urls, pid=0))
        stated = looked(replace(urls, pid=0, kind="workers"))

    assert visible.codes == ["loop.workers_waiting"], (visible.reason, visible.evidence)
    assert (hidden.outcome, hidden.codes) == ("unknown", ["loop.blocked", "loop.workers_busy"])
    assert hidden.evidence[KIND].value == "unknown"
    assert "set service.pid, or service.kind" in hidden.reason
    assert (stated.evidence[KIND].value, stated.codes) == ("workers", ["loop.workers_busy"])
