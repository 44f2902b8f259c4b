"""Faults of an API behind nginx, of its tokens, of webhooks and of services are named right on a real stack.

Each test breaks one thing and expects that the text of the failing program is named, the cause confirmed, the
fix fitting, and `verify` green after the repair.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any

import pytest

from diagnostics.lab.api.nginx import RequestLimit
from kb.matching.matcher import match
from kb.text.sanitize import clean
from tests.support.acquirer_api import AUDIENCE
from tests.support.proof import INDEX
from tests.support.real_stack import RealStack
from tests.support.requirements import needs_nginx

pytestmark = [pytest.mark.lab, needs_nginx]

HEALTH = "GET /api/status"
UNAUTHORIZED = "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://api.clearpay.example/v1/me"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealStack]:
    with RealStack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture
def stack(running: RealStack) -> Iterator[RealStack]:
    """Yield the healthy stack, and restore it after the test."""
    yield running
    running.restore()
    running.publish()


def root(report: dict[str, Any]) -> dict[str, Any]:
    """Return the only confirmed diagnosis of a report with exit code 1."""
    confirmed = [each for each in report["diagnoses"] if each["verdict"] == "confirmed"]
    assert len(confirmed) == 1, report["diagnoses"]
    assert report["exit"] == 1
    return dict(confirmed[0])


def named(text: str) -> list[str]:
    """Return the entries that a text matches, the best first."""
    return [found.entry for found in match(clean(text), INDEX)]


@contextmanager
def used_up_by_others(stack: RealStack) -> Iterator[None]:
    """Keep the limit of nginx used up until a request of the doctor was refused."""
    seen, ending = stack.front.log.count(HEALTH), threading.Event()

    def send() -> None:
        while not ending.is_set() and stack.front.log.count(HEALTH) == seen:
            stack.front.use_up()

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def fix_text(diagnosis: dict[str, Any]) -> str:
    return " ".join(f"{step['title']} {step['code']}" for step in diagnosis["fix"])


def test_the_healthy_stack_is_silent(stack: RealStack) -> None:
    done = stack.doctor("check", "--active")

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("status", "upstream", "read_timeout_s"),
    [("502 Server Error: Bad Gateway", "127.0.0.1:1", 5.0), ("504 Server Error: Gateway Time-out", "", 0.1)],
    ids=["502", "504"],
)
def test_an_upstream_that_is_down_or_too_slow_for_nginx_is_an_outage(
    stack: RealStack, status: str, upstream: str, read_timeout_s: float
) -> None:
    text = f"requests.exceptions.HTTPError: {status} for url: https://api.clearpay.example/v1/payments"
    stack.front.pass_to(upstream or stack.upstream, read_timeout_s=read_timeout_s)
    stack.set_state(first_byte_s=0.0 if upstream else 0.5)
    report = stack.diagnose(text)
    stack.restore()
    stack.front.pass_to(stack.upstream)

    assert named(text)[0] == "api-unavailable"
    assert (root(report)["entry"], root(report)["finding"]) == ("api-unavailable", "reach.server_error")
    assert stack.verify("api-unavailable") == 0


def test_a_slow_upstream_is_a_slow_api(stack: RealStack) -> None:
    stack.set_state(first_byte_s=0.6)
    report = stack.diagnose("the payment API is slow, requests take seconds until the first byte")
    stack.restore()

    assert (root(report)["entry"], root(report)["finding"]) == ("api-slow-response", "latency.first_byte")
    assert stack.verify("api-slow-response") == 0


@pytest.mark.parametrize("status", [429, 0], ids=["429", "503 by default"])
def test_a_rate_limit_of_nginx_is_a_rate_limit_and_names_whose_it_is(stack: RealStack, status: int) -> None:
    answered = (
        "429 Client Error: Too Many Requests"
        if status
        else "503 Server Error: Service Temporarily Unavailable"
    )
    text = f"requests.exceptions.HTTPError: {answered} for url: https://api.clearpay.example/v1/payments"
    stack.front.limit(RequestLimit(rate="1r/s", status=status))
    with used_up_by_others(stack):
        report = stack.diagnose(text)
    with used_up_by_others(stack):
        checked = stack.doctor("check", "api-rate-limit")
    stack.front.limit(None)

    assert set(named(text)) & {"api-rate-limit", "api-unavailable"}
    assert (root(report)["entry"], root(report)["finding"]) == ("api-rate-limit", "quota.proxy_limit")
    assert checked.returncode == 1
    assert "A proxy in front of the API refuses requests" in checked.stdout
    assert "sudo nginx -T" in fix_text(root(report))
    assert stack.verify("api-rate-limit") == 0


def test_a_limit_of_the_api_with_a_date_in_retry_after_is_the_limit_of_the_api(stack: RealStack) -> None:
    stack.set_state(retry_after=formatdate(time.time() + 60, usegmt=True))
    text = "requests.exceptions.HTTPError: 429 Client Error: Too Many Requests for url: https://api.clearpay.example/v1/me"
    report = stack.diagnose(text)
    checked = stack.doctor("check", "quota")
    stack.restore()

    assert named(text)[0] == "api-rate-limit"
    assert (root(report)["entry"], root(report)["finding"]) == ("api-rate-limit", "quota.exhausted")
    waits = [int(word) for word in checked.stdout.split() if word.isdigit() and 50 <= int(word) <= 61]
    assert waits, checked.stdout
    assert stack.verify("api-rate-limit") == 0


@pytest.mark.parametrize(
    ("error", "claims", "key", "finding"),
    [
        (
            "ExpiredSignatureError: Signature has expired",
            {"iat": -1200, "exp": -600},
            b"",
            "token.expired",
        ),
        (
            "ImmatureSignatureError: The token is not yet valid (iat)",
            {"iat": 600, "exp": 1200},
            b"",
            "token.not_yet_valid",
        ),
        ("InvalidSignatureError: Signature verification failed", {}, b"another key", "token.rejected"),
        ("InvalidAudienceError: Audience doesn't match", {"aud": "reports"}, b"", "token.wrong_audience"),
    ],
    ids=["expired", "from the future", "bad signature", "wrong audience"],
)
def test_a_token_that_is_refused_is_named_by_its_cause(
    stack: RealStack, error: str, claims: dict[str, Any], key: bytes, finding: str
) -> None:
    now = int(time.time())
    times = {name: now + value for name, value in claims.items() if isinstance(value, int)}
    stack.give_token(key, **(claims | times))
    text = f"jwt.exceptions.{error}\n{UNAUTHORIZED}\n"
    report = stack.diagnose(text)
    stack.restore()

    assert set(named(text)) & {"api-invalid-token", "api-clock-skew"}
    assert root(report)["finding"] == finding
    if finding == "token.wrong_audience":
        assert "A restart alone fetches the same token again" in fix_text(root(report))
        assert any(AUDIENCE in str(each) for each in report["results"])
    assert stack.verify("api-invalid-token") == 0


def test_a_scope_that_a_token_lacks_is_not_blamed_on_a_key_that_is_not_there(stack: RealStack) -> None:
    stack.give_token(scope="charges:read")
    text = '403 Forbidden: {"error": {"type": "insufficient_scope"}} from the payments API'
    report = stack.diagnose(text)
    stack.restore()
    diagnosis = root(report)

    assert named(text)[0] == "api-permission-denied"
    assert (diagnosis["entry"], diagnosis["finding"]) == ("api-permission-denied", "scopes.missing")
    assert "its token or its API key" in diagnosis["sentence"]
    assert "A token has the scopes that its request names" in fix_text(diagnosis)
    assert stack.verify("api-permission-denied") == 0


@pytest.mark.parametrize(
    ("broken", "finding"), [("secret", "webhook.wrong_secret"), ("body", "webhook.reserialized")]
)
def test_a_receiver_that_refuses_genuine_deliveries_is_named_by_its_cause(
    stack: RealStack, broken: str, finding: str
) -> None:
    text = (
        "stripe.error.SignatureVerificationError: No signatures found matching the expected signature for "
        "payload"
    )
    if broken == "secret":
        stack.receiver_secret.write_text("whsec_of_another_endpoint", "utf-8")
    else:
        stack.publish(webhook="/reserialized")
    report = stack.diagnose(text, "--active")
    stack.restore()
    stack.publish()

    assert named(text)[0] == "config-webhook"
    assert (root(report)["entry"], root(report)["finding"]) == ("config-webhook", finding)


def test_a_blocked_loop_in_two_workers_is_named_with_its_cause(stack: RealStack) -> None:
    text = (
        'Readiness probe failed: Get "http://10.1.2.3:8080/healthz": context deadline exceeded '
        "(Client.Timeout exceeded while awaiting headers)"
    )
    stack.publish(service=stack.loops.service("/limits"))
    report = stack.diagnose(text, "--active")
    stack.publish()

    assert named(text)[0] == "service-blocked-event-loop"
    assert (root(report)["entry"], root(report)["finding"]) == (
        "service-blocked-event-loop",
        "loop.blocking_io",
    )
    assert "Use a driver for asyncio" in fix_text(root(report))
    assert stack.verify("service-blocked-event-loop", "--active") == 0


def test_busy_sync_workers_are_not_a_blocked_loop(stack: RealStack) -> None:
    stack.publish(service=stack.workers.service("/limits"))
    text = "[2026-11-29 23:37:01 +0000] [25] [CRITICAL] WORKER TIMEOUT (pid:31)"
    report = stack.diagnose(text, "--active")
    stack.publish()

    assert named(text)[0] == "service-workers-busy"
    assert (root(report)["entry"], root(report)["finding"]) == (
        "service-workers-busy",
        "loop.workers_waiting",
    )
    assert f"pid={stack.workers.pid}" in fix_text(root(report))
    assert stack.verify("service-workers-busy", "--active") == 0
