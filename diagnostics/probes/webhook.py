"""Test deliveries to the webhook receiver: one genuine, the others forged, altered, too old or too new."""

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from diagnostics.clients.clearpay_api.webhook_signature import header, signature
from diagnostics.clients.http.keepalive_connection import NO_RESPONSE
from diagnostics.clients.http.post_request import PostResponse, post
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.settings import Webhook
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the receiver of webhooks take genuine deliveries, and none that are forged, old or altered?"
LAYER = "config"
APPLIES_TO: tuple[EndpointKind, ...] = ("webhook",)
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = (
    "webhook.slow",
    "webhook.redirects",
    "webhook.crashes",
    "webhook.unverified",
    "webhook.unsigned_taken",
    "webhook.no_timestamp_check",
    "webhook.no_future_check",
    "webhook.first_signature_only",
    "webhook.reserialized",
    "webhook.wrong_header",
    "webhook.wrong_secret",
    "webhook.rejects_unknown_events",
)
SAFETY: Safety = "active"
BUDGET = 30.0
ALONE = False
SENDS = (
    "At most nine POSTs of an event of the reserved type clearpay.probe with a random id: one genuine, "
    "the others unsigned, altered, too old or too new."
)

EVENT = "clearpay.probe"
BEYOND_TOLERANCE_S = 61
"""Seconds beyond the tolerance, so that clocks may differ by a minute."""
OTHER_HEADERS = {"clearpay-signature": "x-clearpay-signature"}
REDIRECTS = range(300, 400)
CLIENT_ERRORS = range(400, 500)
NO_REFUSALS = frozenset({404, 405, 408, 429})
"""Statuses that come from a router, a time limit or a rate limit, and not from a check of the signature."""
SERVER_ERRORS = range(500, 600)


@dataclass(slots=True)
class Deliveries:
    """Deliveries of one run."""

    context: Context
    webhook: Webhook
    secret: str = field(repr=False)
    ca_file: str
    body: bytes = field(default_factory=lambda: event(secrets.token_hex(12)))

    def send(self, name: str, signed: str, *, body: bytes = b"", header_name: str = "") -> PostResponse:
        """Send one delivery. Raises CannotTell without a response: that is neither success nor refusal."""
        response = self.try_to_send(name, signed, body=body, header_name=header_name)
        if response.status == NO_RESPONSE:
            raise CannotTell(f"{name}: no answer, though the receiver has answered before")
        return response

    def try_to_send(
        self, name: str, signed: str, *, body: bytes = b"", header_name: str = ""
    ) -> PostResponse:
        """Send one delivery; the status is `NO_RESPONSE` if it is not answered."""
        headers = {"Content-Type": "application/json", "User-Agent": "clearpay-doctor"}
        if signed:
            headers[header_name or self.webhook.header] = signed
        with self.context.step(name) as step:
            response = post(
                self.webhook.url,
                body or self.body,
                headers,
                timeout_s=2 * self.context.thresholds.webhook_slow_s,
                deadline=self.context.deadline,
                ca_file=self.ca_file,
            )
            step.detail = str(response.status or "no answer")
        return response

    def signed(self, *, shift: float = 0.0, body: bytes = b"") -> str:
        """Return the header of a genuine delivery that was signed `shift` seconds from now."""
        at = int(time.time() + shift)
        return header(at, signature(self.secret, body or self.body, at))


def run(context: Context, /) -> None:
    """Send a genuine delivery; then those that must be refused, or those that explain a refusal."""
    webhook = context.target.settings.webhook
    if webhook is None:
        raise Skip(f"target {context.target.name} has no [webhook]")
    secret = context.secrets.read(webhook.secret, "webhook.secret", kind="webhook secret")
    ca_file = context.target.settings.tls.ca_file
    deliveries = Deliveries(context, webhook, secret, str(context.target.folder / ca_file) if ca_file else "")
    genuine = deliveries.try_to_send("genuine", deliveries.signed())
    if code := _delivery_failure(context, genuine):
        context.finding(code)
        return
    _report(context, "genuine delivery", genuine, accepted=True)
    forged = header(int(time.time()), signature(secrets.token_hex(16), deliveries.body, int(time.time())))
    wrong = deliveries.send("wrong signature", forged)
    _report(context, "wrong signature", wrong, accepted=False)
    if genuine.accepted:
        _judge_acceptance(deliveries, wrong)
    else:
        context.finding(_explain_refusal(deliveries, genuine, wrong))


def event(event_id: str) -> bytes:
    """Return a body that parsers do not write back as it was: with spaces, accents and 10.10."""
    text = '{"id":"evt_%s",  "type": "%s","data": {"amount": 10.10, "note": "café"} }'
    return (text % (event_id, EVENT)).encode()


def _delivery_failure(context: Context, response: PostResponse) -> str:
    """Return the finding if any sender would repeat the delivery; empty if not. Raises CannotTell."""
    slow = context.thresholds.webhook_slow_s
    late = response.status == NO_RESPONSE or response.seconds > slow
    took = round(response.seconds, 3)
    context.evidence("genuine delivery answered", took, expected=f"within {slow:g}", unit="s", ok=not late)
    if late:
        return "webhook.slow"
    if response.status in REDIRECTS:
        note = "senders do not follow redirects"
        context.evidence("genuine delivery", response.status, expected=200, ok=False, note=note)
        return "webhook.redirects"
    if response.status in SERVER_ERRORS:
        context.evidence("genuine delivery", response.status, expected=200, ok=False)
        return "webhook.crashes"
    if response.status in (404, 405):
        raise CannotTell(f"the receiver answers {response.status}: is webhook.url the right address?")
    return ""


def _judge_acceptance(deliveries: Deliveries, wrong: PostResponse) -> None:
    """Send the deliveries that must be refused, and one with two signatures that must be accepted."""
    _require_refusal(deliveries.context, "wrong signature", wrong)
    accepted = {name for name, response in _send_attacks(deliveries) if response.accepted}
    code = _missing_check(accepted, wrong_accepted=wrong.accepted)
    if code:
        deliveries.context.finding(code)
    rotated = deliveries.send("two signatures", _rotated(deliveries))
    _report(deliveries.context, "signed with the old and the new secret", rotated, accepted=True)
    if rotated.status in SERVER_ERRORS:
        raise CannotTell(f"two signatures: the receiver failed with {rotated.status}")
    if not rotated.accepted:
        deliveries.context.finding("webhook.first_signature_only")


def _send_attacks(deliveries: Deliveries) -> Iterator[tuple[str, PostResponse]]:
    tolerance = deliveries.webhook.tolerance_s + BEYOND_TOLERANCE_S
    altered = deliveries.body.replace(b"10.10", b"99.10")
    attacks = {
        "no signature": ("", b""),
        "altered body": (deliveries.signed(), altered),
        "too old": (deliveries.signed(shift=-tolerance), b""),
        "too new": (deliveries.signed(shift=tolerance), b""),
    }
    for name, (signed, body) in attacks.items():
        response = deliveries.send(name, signed, body=body)
        _report(deliveries.context, name, response, accepted=False)
        _require_refusal(deliveries.context, name, response)
        yield name, response


def _require_refusal(context: Context, name: str, response: PostResponse) -> None:
    """Leave the question open if a delivery was neither accepted nor refused by a check of its signature."""
    if not response.accepted and (response.status in NO_REFUSALS or response.status not in CLIENT_ERRORS):
        context.unknown(f"{name}: the answer {response.status} does not show that the receiver checked it")


def _missing_check(accepted: set[str], *, wrong_accepted: bool) -> str:
    """Return the finding of the most severe check that is missing; empty if none is."""
    if wrong_accepted:
        return "webhook.unverified"
    rules = {
        "no signature": "webhook.unsigned_taken",
        "altered body": "webhook.unverified",
        "too old": "webhook.no_timestamp_check",
        "too new": "webhook.no_future_check",
    }
    return next((code for name, code in rules.items() if name in accepted), "")


def _explain_refusal(deliveries: Deliveries, genuine: PostResponse, wrong: PostResponse) -> str:
    """Return the finding that explains why a genuine delivery is refused.

    Another form of it is accepted, or its response differs from that to a forged one.
    """
    for language, serialized in _reserialized(deliveries.body):
        name = f"signed as {language} writes it"
        response = deliveries.send(name, deliveries.signed(body=serialized))
        if response.accepted:
            deliveries.context.evidence(name, response.status, expected="4xx", ok=False)
            return "webhook.reserialized"
    other = OTHER_HEADERS.get(deliveries.webhook.header.lower(), "clearpay-signature")
    renamed = deliveries.send("another header", deliveries.signed(), header_name=other)
    if renamed.accepted:
        deliveries.context.evidence(f"header {other}", renamed.status, expected="4xx", ok=False)
        return "webhook.wrong_header"
    if (genuine.status, genuine.body) == (wrong.status, wrong.body):
        note = "the genuine and the forged delivery get the same answer"
        deliveries.context.evidence("answers", "equal", expected="different", ok=False, note=note)
        return "webhook.wrong_secret"
    note = f"the signature is accepted, the event type {EVENT} is not"
    deliveries.context.evidence(
        "answers", "different", note=note, ok=False, expected="2xx for unknown event types"
    )
    return "webhook.rejects_unknown_events"


def _reserialized(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the body as receivers serialize it after parsing: by json.dumps, and by JSON.stringify."""
    parsed = json.loads(body)
    yield "Python", json.dumps(parsed).encode()
    yield "JavaScript", json.dumps(parsed, separators=(",", ":"), ensure_ascii=False).encode()


def _rotated(deliveries: Deliveries) -> str:
    """Return a header with two signatures, as during a rotation: the receiver's secret made the second."""
    at = int(time.time())
    other = signature(secrets.token_hex(16), deliveries.body, at)
    return header(at, other, signature(deliveries.secret, deliveries.body, at))


def _report(context: Context, name: str, response: PostResponse, *, accepted: bool) -> None:
    expected = "2xx" if accepted else "4xx"
    context.evidence(name, response.status, expected=expected, ok=response.accepted == accepted)
