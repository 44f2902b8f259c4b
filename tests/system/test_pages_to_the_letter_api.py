"""Pages of API, TLS, webhooks and services followed to the letter, on nginx with TLS before gunicorn.

As in test_pages_to_the_letter: commands are run as `explain --target` prints them.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from diagnostics.lab.api.nginx import RequestLimit
from diagnostics.lab.certificates import variants
from diagnostics.lab.certificates.authority import write
from diagnostics.lab.certificates.builder import authority, leaf
from diagnostics.lab.parts.python_server import PythonServer
from tests.support.page_reader import Reader, shell_environment, sudo_where_there_is_none
from tests.support.real_stack import NAME, RealStack
from tests.support.requirements import needs_nginx

pytestmark = [pytest.mark.lab, pytest.mark.slow, needs_nginx]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealStack]:
    folder = tmp_path_factory.mktemp("stack")
    sudo_where_there_is_none(folder)
    with RealStack(folder) as stack:
        yield stack


@pytest.fixture
def stack(running: RealStack) -> Iterator[RealStack]:
    """Yield the healthy stack, and restore it after the test."""
    yield running
    running.front.present(running.files)
    running.front.limit(None)
    running.restore()
    running.publish()


@pytest.fixture
def reader(stack: RealStack) -> Reader:
    """Return a reader of the pages."""
    return Reader(stack.folder, NAME, shell_environment(stack.folder))


CHAINS = {
    "tls.expired": (variants.expired, "notAfter="),
    "tls.not_yet_valid": (variants.not_yet_valid, "notBefore="),
    "tls.wrong_name": (variants.wrong_name, "DNS:api.clearpay.example"),
    "tls.self_signed": (variants.self_signed, "issuer="),
    "tls.missing_intermediate": (variants.missing_intermediate, "Certificate chain"),
    "tls.expired_intermediate": (variants.expired_intermediate, "Not After"),
    "tls.wrong_purpose": (variants.wrong_purpose, "TLS Web Client Authentication"),
}


@pytest.mark.parametrize("finding", CHAINS)
def test_a_certificate_that_clients_refuse(finding: str, stack: RealStack, reader: Reader) -> None:
    chain, expected = CHAINS[finding]
    stack.front.present(write(stack.folder / "broken", stack.files.root, *chain(stack.files.root)))

    assert reader.confirmed("tls-certificate") == finding
    looks = [each for each in reader.by_hand(finding) if each.text.startswith("openssl s_client -connect")]
    assert expected in reader.succeed(looks[0])

    stack.front.present(stack.files)
    reader.verified("tls-certificate")


def test_the_request_for_a_new_certificate_overwrites_nothing(stack: RealStack, reader: Reader) -> None:
    key = stack.folder / "server.key"
    key.write_text("the key in use", "utf-8")
    request = next(
        each for each in reader.page("tls.wrong_purpose") if each.text.startswith("openssl req -new")
    )
    line = request.text.splitlines()[0]

    reader.succeed(request._replace(text=line))
    shown = reader.succeed(request._replace(text="openssl req -in new-server.csr -noout -text -verify"))

    assert key.read_text("utf-8") == "the key in use"
    assert "DNS:localhost" in shown
    assert "TLS Web Server Authentication" in shown


def test_an_authority_is_added_to_a_bundle_without_a_last_line_break(
    stack: RealStack, reader: Reader
) -> None:
    bundle = stack.folder / "bundle.pem"
    bundle.write_text(stack.files.ca.read_text("ascii").rstrip("\n"), "ascii")
    other = write(stack.folder / "other", authority("Other CA"), leaf(None))
    (stack.folder / "new-ca.pem").write_bytes(other.ca.read_bytes())
    stack.publish(ca_file=bundle)
    keep, add, check = [
        each
        for each in reader.page("tls.unknown_authority")
        if each.section == "Fix" and str(bundle) in each.text and "undo" not in each.place
    ]
    (undo,) = [each for each in reader.page("tls.unknown_authority") if each.place.endswith(" undo")]
    before = bundle.read_text("ascii")

    for command in (keep, add):
        reader.succeed(command)
    assert reader.succeed(check).count("subject=") == 2
    reader.succeed(undo)
    assert bundle.read_text("ascii") == before


def test_a_limit_of_a_proxy(stack: RealStack, reader: Reader) -> None:
    stack.front.limit(RequestLimit(rate="1r/m", status=429))
    stack.front.use_up()
    assert reader.confirmed("api-rate-limit") == "quota.proxy_limit"
    requests, *_ = reader.by_hand("quota.proxy_limit")
    shown = reader.succeed(requests)

    assert "429" in shown
    assert "Server: nginx" in shown
    assert "ratelimit" not in shown.lower()
    stack.front.limit(None)
    reader.verified("api-rate-limit")


def test_a_blocked_event_loop(stack: RealStack, reader: Reader) -> None:
    stack.publish(service=stack.loops.service("/limits"))
    assert reader.confirmed("service-blocked-event-loop", "--active") == "loop.blocking_io"
    threads, dump = reader.by_hand("loop.blocking_io")

    assert re.search(rf"^ *{stack.loops.pid} ", reader.succeed(threads), re.MULTILINE)
    assert reader.succeed(dump).count("MainThread") >= 3
    stack.publish()
    reader.verified("service-blocked-event-loop")


@contextmanager
def computing(server: PythonServer) -> Iterator[None]:
    """Let a service compute all the time: py-spy has no picture of a process that holds no lock."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            requests.get(f"http://127.0.0.1:{server.port}/validate", timeout=60)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_threads_that_hold_the_interpreter_lock(stack: RealStack, reader: Reader) -> None:
    stack.publish()
    threads, record = reader.by_hand("loop.gil_threads")

    assert "PID" in reader.succeed(threads)
    with computing(stack.loops):
        reader.succeed(record)
    assert (stack.folder / "gil.svg").read_text("utf-8").startswith("<?xml")


def test_requests_of_the_pages_reach_an_api_with_other_paths_and_headers(reader: Reader) -> None:
    for finding in ("token.rejected", "reach.server_error", "reach.broken_answer", "latency.first_byte"):
        for command in reader.by_hand(finding):
            shown = reader.succeed(command)
            assert "404" not in shown, command.text
    (answer,) = [each for each in reader.by_hand("token.rejected") if "printf" in each.text]
    assert '"grants"' in reader.succeed(answer)


@pytest.mark.parametrize("finding", ["token.expired", "token.wrong_audience"])
def test_a_token_is_read_by_hand(finding: str, reader: Reader) -> None:
    shown = "".join(reader.run(command).stdout for command in reader.by_hand(finding))

    assert '"aud"' in shown
    assert '"exp"' in shown


def test_a_receiver_that_refuses_genuine_deliveries(stack: RealStack, reader: Reader) -> None:
    stack.receiver_secret.write_text("whsec_of_another_endpoint", "utf-8")
    assert reader.confirmed("config-webhook", "--active") == "webhook.wrong_secret"
    for command in reader.by_hand("webhook.wrong_secret"):
        reader.run(command)

    stack.restore()
    reader.verified("config-webhook", "--active")
