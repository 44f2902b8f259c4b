"""A blocked loop is distinguished from a free one, on real services and on hostile servers."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

import pytest

from diagnostics.clients.event_loop.load_generator import apply_load, open_connections
from diagnostics.clients.event_loop.service_load import CONNECTIONS
from diagnostics.clients.http.keepalive_connection import KeepAliveConnection
from diagnostics.engine.deadline import Deadline
from diagnostics.lab.certificates.authority import make
from diagnostics.lab.parts.event_loop import LoopPart, Mode
from diagnostics.lab.servers.https_proxy import HttpsProxy
from diagnostics.lab.servers.listener import Listener
from diagnostics.probes.loop import IDLE, KIND
from diagnostics.targets.settings import LAB_THRESHOLDS, Service, TargetSettings, Thresholds, Tls
from diagnostics.targets.target import Target
from diagnostics.targets.target_file import from_settings
from tests.diagnostics.probes.running import ProbeResult, run_probes
from tests.support.deadlines import ends_within

PATIENT = replace(LAB_THRESHOLDS, loop_slow_ms=40.0)
"""Thresholds of tests that expect a healthy service, for a machine that other tests keep busy."""
TRIES = 5
QUIET_MS = 5.0
"""Idle health below which no other test used the CPU; it takes 0.5 ms on an idle machine."""
QUICK = replace(LAB_THRESHOLDS, loop_idle_s=0.1, loop_burst_s=0.2)


@pytest.fixture(scope="module")
def service() -> Iterator[LoopPart]:
    with LoopPart() as part:
        yield part


def target(settings: Service, thresholds: Thresholds = LAB_THRESHOLDS, **more: object) -> Target:
    own = TargetSettings(service=settings, thresholds=thresholds)
    return from_settings("lab", replace(own, **more), Path())  # type: ignore[arg-type]  # a test's own


def patiently(own: Target) -> ProbeResult:
    """Repeat the probe if the machine had no CPU to spare: it reports that, or idle health was slow."""
    for _ in range(TRIES):
        found = run_probes(own, "loop")["loop"]
        if _was_quiet(found) and "none to spare" not in found.reason:
            break
    return found


def _was_quiet(found: ProbeResult) -> bool:
    idle = found.evidence[IDLE].value if IDLE in found.evidence else 0.0
    return not isinstance(idle, float) or idle < QUIET_MS


def looked(
    part: LoopPart, mode: Mode, thresholds: Thresholds = LAB_THRESHOLDS, **changes: object
) -> ProbeResult:
    """Run the probe on the service in a mode, then restore the service."""
    apply_to_settings = part.apply_to_settings(TargetSettings()).service
    assert apply_to_settings
    part.switch(mode)
    try:
        return patiently(target(replace(apply_to_settings, **changes), thresholds))  # type: ignore[arg-type]  # a test's own
    finally:
        part.restore()


@pytest.mark.lab
@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("cpu_inline", "loop.cpu_inline"),
        ("sleep_inline", "loop.blocking_io"),
        ("gil_threads", "loop.gil_threads"),
    ],
)
def test_the_cause_of_a_blocked_loop_is_named(service: LoopPart, mode: Mode, code: str) -> None:
    found = looked(service, mode)

    assert (found.outcome, found.codes) == ("fail", [code]), found.evidence
    assert found.evidence["health under load, p95"].ok is False


@pytest.mark.lab
@pytest.mark.parametrize("mode", ["process", "released_threads"])
def test_work_beside_the_loop_is_healthy(service: LoopPart, mode: Mode) -> None:
    found = looked(service, mode, PATIENT)

    assert (found.outcome, found.codes) == ("pass", []), (found.reason, found.evidence)
    assert found.evidence[KIND].value == "event loop"
    assert "asyncio" in found.evidence[KIND].note


@pytest.mark.lab
@pytest.mark.parametrize("mode", ["cpu_inline", "sleep_inline", "gil_threads"])
def test_without_the_process_the_loop_is_blocked_and_the_evidence_says_what_to_set(
    service: LoopPart, mode: Mode
) -> None:
    found = looked(service, mode, pid=0)

    assert found.codes == ["loop.blocked"], found.evidence
    assert found.evidence["service.pid"].value == "not set"


@pytest.mark.lab
def test_the_pid_of_another_process_does_not_lead_to_a_wrong_cause(service: LoopPart) -> None:
    with LoopPart() as idle:
        found = looked(service, "cpu_inline", pid=idle.pid)

    assert found.codes == ["loop.blocked"], found.evidence
    assert found.evidence["service.pid"].ok is False


@pytest.mark.lab
def test_a_pid_without_a_process_is_reported(service: LoopPart) -> None:
    found = looked(service, "sleep_inline", pid=2**22 + 1)

    assert found.codes == ["loop.blocked"]
    assert "no process 4194305" in str(found.evidence["service.pid"].value)


@pytest.mark.lab
def test_a_service_that_others_keep_at_work_is_not_passed(service: LoopPart) -> None:
    deadline = Deadline(10)
    strict = replace(QUICK, loop_slow_ms=5.0)
    service.switch("sleep_inline")  # work that was begun in another mode would not block the loop
    url = f"{service.url}/validate"
    with (
        open_connections(lambda ending: KeepAliveConnection(url, None, ending), 8, deadline) as connections,
        apply_load(connections),
    ):
        apply_to_settings = service.apply_to_settings(TargetSettings()).service
        assert apply_to_settings
        found = run_probes(target(apply_to_settings, strict), "loop")["loop"]
    service.restore()

    # How much of the others' work falls into so short a window decides whether the call that blocks shows.
    assert (found.outcome, found.codes) in [("unknown", []), ("fail", ["loop.blocking_io"])], found.evidence
    assert ("without our load" in found.reason) == (found.outcome == "unknown")
    assert found.evidence["health when idle, p95"].ok is False


@pytest.mark.lab
def test_a_body_for_the_work_is_posted(service: LoopPart) -> None:
    found = looked(service, "sleep_inline", work_body='{"card": "test"}')

    assert found.codes == ["loop.blocking_io"], found.evidence


@pytest.mark.lab
def test_without_a_work_url_nothing_is_green(service: LoopPart) -> None:
    found = looked(service, "process", work="")

    assert (found.outcome, found.codes) == ("unknown", [])
    assert "service.work is not set" in found.reason


@pytest.mark.lab
def test_work_that_is_refused_proves_nothing(service: LoopPart) -> None:
    found = looked(service, "process", QUICK, work=f"{service.url}/nothing")

    assert (found.outcome, found.reason) == (
        "unknown",
        "service.work was never answered with success: HTTP 404",
    )


@pytest.mark.lab
def test_work_that_takes_longer_than_the_burst_is_load_too(service: LoopPart) -> None:
    with Counting(b"") as silent:
        found = looked(service, "process", replace(PATIENT, loop_burst_s=0.2), work=silent.urls.work)

    assert (found.outcome, found.evidence["work done"].value) == ("pass", 0.0), found.reason
    assert "still at work" in found.evidence["work done"].note


@pytest.mark.lab
def test_work_that_nobody_listens_for_proves_nothing(service: LoopPart) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"http://127.0.0.1:{server.getsockname()[1]}/"
    found = looked(service, "process", QUICK, work=closed)

    assert found.outcome == "unknown"
    assert "Connection refused" in found.reason


@pytest.mark.lab
def test_a_health_url_that_is_refused_ends_the_probe_before_any_load(service: LoopPart) -> None:
    found = looked(service, "cpu_inline", QUICK, health=f"{service.url}/nothing")

    assert (found.outcome, found.reason) == (
        "unknown",
        "service.health does not answer with success: HTTP 404",
    )
    assert found.steps == ["idle"]


def test_a_service_that_is_down_is_unknown_with_the_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    found = run_probes(target(Service(health=f"http://127.0.0.1:{port}/"), QUICK), "loop")["loop"]

    assert found.outcome == "unknown"
    assert "Connection refused" in found.reason


@pytest.mark.lab
def test_a_service_behind_tls_is_asked_with_the_trust_of_the_target(
    service: LoopPart, tmp_path: Path
) -> None:
    files = make(tmp_path)
    with HttpsProxy(service.port, files) as front:
        url = f"https://localhost:{front.port}"
        urls = Service(health=f"{url}/healthz", work=f"{url}/validate", pid=service.pid)
        found = patiently(target(urls, PATIENT, tls=Tls(ca_file=str(files.ca))))
        untrusting = run_probes(target(urls, QUICK), "loop")["loop"]

    assert found.outcome == "pass", (found.reason, found.evidence)
    assert untrusting.outcome == "unknown"
    assert "CERTIFICATE_VERIFY_FAILED" in untrusting.reason


def test_a_trust_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    urls = Service(health="https://localhost:1/")
    found = run_probes(target(urls, tls=Tls(ca_file=str(tmp_path / "ca.pem"))), "loop")["loop"]

    assert (found.outcome, found.reason) == ("unknown", "[tls]: ca.pem: No such file or directory")


class Counting(Listener):
    """Server that responds like a service and counts concurrent connections."""

    def __init__(self, answer: bytes, every: float = 0.0) -> None:
        super().__init__()
        self.most = self.open = 0
        self.answer, self.every = answer, every
        self.counting = threading.Lock()

    def handle(self, client: socket.socket) -> None:
        """Respond to each request; a connection counts until its last response is sent."""
        self.count(1)
        closes = b"Connection: close" in self.answer
        while client.recv(65536):
            if closes:
                self.count(-1)
            self.send(client)
            if closes:
                return
        self.count(-1)

    def count(self, more: int) -> None:
        """Count an opened or closed connection."""
        with self.counting:
            self.open += more
            self.most = max(self.most, self.open)

    def send(self, client: socket.socket) -> None:
        """Send the response at once, or byte by byte."""
        if not self.every:
            client.sendall(self.answer)
            return
        for byte in self.answer:
            client.sendall(bytes([byte]))
            if self.ending.wait(self.every):
                return

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    @property
    def urls(self) -> Service:
        """URLs of the service."""
        url = f"http://127.0.0.1:{self.port}"
        return Service(health=f"{url}/healthz", work=f"{url}/validate")


KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSED = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize("answer", [KEPT, CLOSED], ids=["kept", "closed"])
def test_there_are_never_more_connections_than_the_probe_says(answer: bytes) -> None:
    with Counting(answer) as server:
        found = run_probes(target(server.urls, PATIENT), "loop")["loop"]

        assert found.evidence["work done"].value, found.reason
        assert 2 <= server.most <= 2 * CONNECTIONS


@pytest.mark.parametrize(
    ("answer", "every"),
    [
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, 0.0),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 1000, 0.01),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000, 0.01),
        (b"\x16\x03\x01garbage\r\n\r\n", 0.0),
        (b"HTTP/1.1 302 Found\r\nLocation: http://other.example/\r\nContent-Length: 0\r\n\r\n", 0.0),
        (b"HTTP/1.1 \x1b[31m boo\r\n\r\n", 0.0),
    ],
    ids=["endless headers", "dripping body", "dripping header", "no http", "redirect", "escape"],
)
def test_a_hostile_server_ends_in_time_and_is_no_pass(answer: bytes, every: float) -> None:
    with Counting(answer, every) as server, ends_within(2):
        found = run_probes(target(server.urls, QUICK), "loop", deadline_s=2)["loop"]

    assert found.outcome == "unknown"
    assert "\x1b" not in found.reason


LOGIN = b"<!DOCTYPE html><html><form>Sign in</form></html>"


def page(body: bytes, kind: str = "text/html") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (LOGIN, "text/html", "HTTP 200 with an HTML page"),
        (LOGIN, "application/json", "HTTP 200 with an HTML page"),
        (b'{"status": "DOWN"}', "application/json", "HTTP 200 and says status: DOWN"),
        (b'{"ok": false}', "application/json", "HTTP 200 and says ok: false"),
    ],
)
def test_a_page_that_is_not_the_health_answer_is_not_green(body: bytes, kind: str, reason: str) -> None:
    with Counting(page(body, kind)) as server:
        found = run_probes(target(server.urls, QUICK), "loop")["loop"]

    assert (found.outcome, found.reason) == (
        "unknown",
        f"service.health does not answer with success: {reason}",
    )


@pytest.mark.parametrize(("text", "outcome"), [("Sign in", "pass"), ('"ready":true', "unknown")])
def test_the_health_answer_has_the_text_that_the_target_promises(text: str, outcome: str) -> None:
    with Counting(page(LOGIN)) as server:
        urls = replace(server.urls, health_text=text, work_text="Sign in")
        found = patiently(target(urls, PATIENT))

    assert found.outcome == outcome, found.reason


def test_work_that_answers_with_a_login_page_is_no_load() -> None:
    with Counting(KEPT) as service, Counting(page(LOGIN)) as login:
        found = run_probes(target(replace(service.urls, work=login.urls.work), QUICK), "loop")["loop"]

    assert found.outcome == "unknown"
    assert "service.work was never answered with success: HTTP 200 with an HTML page" in found.reason


def test_a_long_body_is_not_read_to_its_end() -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n" + b"x" * 200_000
    with Counting(body) as server:
        found = run_probes(target(server.urls, QUICK), "loop", deadline_s=5)["loop"]

    assert found.outcome in {"pass", "fail", "unknown"}
    assert found.ms < 5000


def test_the_threads_of_the_probe_are_gone_when_it_ends() -> None:
    before = set(threading.enumerate())
    with Counting(KEPT) as server:
        run_probes(target(server.urls, QUICK), "loop")

    started = set(threading.enumerate()) - before
    for thread in started:
        thread.join(10)
    assert not [thread.name for thread in started if thread.is_alive()]
