"""The test deliveries against a real receiver: few, bounded in time, and without its secret."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from diagnostics.clients.clearpay_api.webhook_signature import header, signature
from diagnostics.clients.http.post_request import post
from diagnostics.engine.deadline import Deadline
from diagnostics.lab.parts.webhook_receiver import ReceiverPart
from diagnostics.lab.servers.listener import Listener
from diagnostics.probes.webhook import FINDINGS
from diagnostics.targets.settings import LAB_THRESHOLDS, SecretRef, TargetSettings, Webhook
from diagnostics.targets.target import Endpoint, Target
from tests.diagnostics.probes.running import ProbeResult, all_text, run_probes
from tests.support.deadlines import ends_within

BUGS = [finding.partition(".")[2] for finding in FINDINGS]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[ReceiverPart]:
    with ReceiverPart(tmp_path) as part:
        yield part


def looked(url: str, secret: str | SecretRef, **own: object) -> ProbeResult:
    webhook = Webhook(url=url, secret=secret, **own)  # type: ignore[arg-type]  # a test's own
    settings = TargetSettings(production=False, webhook=webhook, thresholds=LAB_THRESHOLDS)
    return run_probes(Target("test", (Endpoint("webhook", url, url),), settings), "webhook")["webhook"]


def test_a_right_receiver_passes_with_seven_deliveries_and_its_secret_stays_inside(
    receiver: ReceiverPart,
) -> None:
    found = looked(receiver.url, SecretRef(file=str(receiver.secret_file)))

    assert (found.outcome, found.codes) == ("pass", [])
    assert len(found.steps) == 7
    assert receiver.secret not in all_text([found])


@pytest.mark.parametrize("bug", BUGS)
def test_each_bug_has_its_own_name_within_nine_deliveries(receiver: ReceiverPart, bug: str) -> None:
    receiver.bug = bug

    found = looked(receiver.url, receiver.secret)

    assert found.codes == [f"webhook.{bug}"]
    assert len(found.steps) <= 9


def test_a_body_reserialized_by_javascript_is_recognised_too(receiver: ReceiverPart) -> None:
    receiver.bug = "reserialized"
    receiver.json_arguments = {"separators": (",", ":"), "ensure_ascii": False}

    found = looked(receiver.url, receiver.secret)

    assert found.codes == ["webhook.reserialized"]
    assert found.steps[-1] == "signed as JavaScript writes it"


def test_a_receiver_with_another_header_by_agreement_passes(receiver: ReceiverPart) -> None:
    receiver.bug = "wrong_header"

    assert looked(receiver.url, receiver.secret, header="x-clearpay-signature").codes == []


def test_no_receiver_is_no_verdict() -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        found = looked(nobody, "whsec_canary")

    assert (found.outcome, found.codes) == ("unknown", [])
    assert "ConnectionRefusedError" in found.reason


def test_a_secret_that_cannot_be_read_is_no_verdict_and_nothing_is_sent(receiver: ReceiverPart) -> None:
    found = looked(receiver.url, SecretRef(file="missing"))

    assert (found.outcome, found.steps) == ("unknown", [])


class Refusing(Listener):
    """Receiver that accepts the first delivery and those with two signatures, and refuses all others."""

    def __init__(self, status: str) -> None:
        super().__init__()
        self.status, self.genuine = status, True

    def handle(self, client: socket.socket) -> None:
        """Answer one delivery."""
        request = client.recv(65536)
        accepted = self.genuine or request.count(b"v1=") > 1
        self.genuine = False
        status = "200 OK" if accepted else self.status
        client.sendall(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("400 Bad Request", "pass"),
        ("403 Forbidden", "pass"),
        ("429 Too Many Requests", "unknown"),
        ("404 Not Found", "unknown"),
        ("302 Found", "unknown"),
        ("500 Internal Server Error", "unknown"),
    ],
)
def test_only_a_refusal_shows_that_a_delivery_was_checked(status: str, outcome: str) -> None:
    with Refusing(status) as server:
        found = looked(f"http://127.0.0.1:{server.port}/", "whsec_canary")

    assert (found.outcome, found.codes) == (outcome, [])
    assert ("does not show that the receiver checked it" in found.reason) == (outcome == "unknown")


class Drip(Listener):
    """Server that sends a header byte by byte without end."""

    def handle(self, client: socket.socket) -> None:
        """Respond without end."""
        client.recv(4096)
        while not self.ending.wait(0.05):
            client.sendall(b"H")


class Endless(Listener):
    """Server that sends a body without end."""

    def handle(self, client: socket.socket) -> None:
        """Announce a long body, and send a longer one."""
        client.recv(4096)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        while not self.ending.is_set():
            client.sendall(b"x" * 65536)


def test_a_receiver_that_drips_is_slow_within_the_time_limit() -> None:
    with Drip() as server, ends_within(3):
        found = looked(f"http://127.0.0.1:{server.port}/", "whsec_canary")

    assert found.codes == ["webhook.slow"]


def test_an_endless_answer_is_read_to_its_bound() -> None:
    with Endless() as server:
        answer = post(f"http://127.0.0.1:{server.port}/", b"", {}, timeout_s=2, deadline=Deadline(5))

    assert (answer.status, len(answer.body)) == (200, 4096)


def test_the_scheme_is_that_of_the_reference_page() -> None:
    digest = signature("whsec_test", b'{"id":"evt_1"}', 1763888400)

    assert digest == "2b8ebed625916ad2a65fffd0246148024e32d5a31b77761e52acdf47546444f9"
    assert header(1, "a", "b") == "t=1,v1=a,v1=b"
