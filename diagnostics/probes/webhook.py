"""Does the receiver of webhooks take genuine deliveries, and none that are forged, old or altered?"""

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from diagnostics.clients.clearpay_api.webhook_signature import header, signature
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
BEYOND_S = 61
"""Seconds beyond the tolerance, so that a minute of difference between clocks changes nothing."""
OTHER_NAMES = {"clearpay-signature": "x-clearpay-signature"}
REDIRECTS = range(300, 400)
SERVER_ERRORS = range(500, 600)


@dataclass(slots=True)
class Battery:
    """The deliveries of one run and what was answered."""

    context: Context
    webhook: Webhook
    secret: str = field(repr=False)
    ca_file: str
    body: bytes = field(default_factory=lambda: event(secrets.token_hex(12)))

    def send(self, name: str, signed: str, *, body: bytes = b"", header_name: str = "") -> PostResponse:
        """Deliver once. Raises CannotTell without an answer: silence neither takes nor refuses."""
        answer = self.try_to_send(name, signed, body=body, header_name=header_name)
        if answer.status == 0:
            raise CannotTell(f"{name}: no answer, though the receiver has answered before")
        return answer

    def try_to_send(
        self, name: str, signed: str, *, body: bytes = b"", header_name: str = ""
    ) -> PostResponse:
        """Deliver once; the status of the answer is 0 where none came."""
        headers = {"Content-Type": "application/json", "User-Agent": "clearpay-doctor"}
        if signed:
            headers[header_name or self.webhook.header] = signed
        with self.context.step(name) as step:
            answer = post(
                self.webhook.url,
                body or self.body,
                headers,
                timeout_s=2 * self.context.thresholds.webhook_slow_s,
                deadline=self.context.deadline,
                ca_file=self.ca_file,
            )
            step.detail = str(answer.status or "no answer")
        return answer

    def signed(self, *, shift: float = 0.0, body: bytes = b"") -> str:
        """The header of a genuine delivery at a moment so many seconds from now."""
        at = int(time.time() + shift)
        return header(at, signature(self.secret, body or self.body, at))


def run(context: Context, /) -> None:
    """Send the genuine delivery; then what must be refused, or what tells why it was not taken."""
    webhook = context.target.settings.webhook
    if webhook is None:
        raise Skip(f"target {context.target.name} has no [webhook]")
    secret = context.secrets.read(webhook.secret, "webhook.secret", kind="webhook secret")
    ca_file = context.target.settings.tls.ca_file
    battery = Battery(context, webhook, secret, str(context.target.folder / ca_file) if ca_file else "")
    genuine = battery.try_to_send("genuine", battery.signed())
    if code := _undelivered(context, genuine):
        context.finding(code)
        return
    _say(context, "genuine delivery", genuine, taken=True)
    forged = header(int(time.time()), signature(secrets.token_hex(16), battery.body, int(time.time())))
    wrong = battery.send("wrong signature", forged)
    _say(context, "wrong signature", wrong, taken=False)
    if genuine.accepted:
        _examine(battery, wrong)
    else:
        context.finding(_why_refused(battery, genuine, wrong))


def event(number: str) -> bytes:
    """A body as senders write it and parsers do not write it back: spaces, accents, 10.10."""
    text = '{"id":"evt_%s",  "type": "%s","data": {"amount": 10.10, "note": "café"} }'
    return (text % (number, EVENT)).encode()


def _undelivered(context: Context, answer: PostResponse) -> str:
    """What would make any sender repeat the delivery."""
    slow = context.thresholds.webhook_slow_s
    late = answer.status == 0 or answer.seconds > slow
    took = round(answer.seconds, 3)
    context.evidence("genuine delivery answered", took, expected=f"within {slow:g}", unit="s", ok=not late)
    if late:
        return "webhook.slow"
    if answer.status in REDIRECTS:
        context.evidence(
            "genuine delivery", answer.status, expected=200, ok=False, note="senders follow none"
        )
        return "webhook.redirects"
    if answer.status in SERVER_ERRORS:
        context.evidence("genuine delivery", answer.status, expected=200, ok=False)
        return "webhook.crashes"
    if answer.status in (404, 405):
        raise CannotTell(f"the receiver answers {answer.status}: is webhook.url the right address?")
    return ""


def _examine(battery: Battery, wrong: PostResponse) -> None:
    """What else is taken that must not be, and the second signature that must be."""
    taken = {name for name, answer in _attacks(battery) if answer.accepted}
    code = _hole(taken, wrong_taken=wrong.accepted)
    if code:
        battery.context.finding(code)
    rotated = battery.send("two signatures", _rotated(battery))
    _say(battery.context, "signed with the old and the new secret", rotated, taken=True)
    if rotated.status in SERVER_ERRORS:
        raise CannotTell(f"two signatures: the receiver broke down with {rotated.status}")
    if not rotated.accepted:
        battery.context.finding("webhook.first_signature_only")


def _attacks(battery: Battery) -> Iterator[tuple[str, PostResponse]]:
    tolerance = battery.webhook.tolerance_s + BEYOND_S
    altered = battery.body.replace(b"10.10", b"99.10")
    attacks = {
        "no signature": ("", b""),
        "altered body": (battery.signed(), altered),
        "too old": (battery.signed(shift=-tolerance), b""),
        "too new": (battery.signed(shift=tolerance), b""),
    }
    for name, (signed, body) in attacks.items():
        answer = battery.send(name, signed, body=body)
        _say(battery.context, name, answer, taken=False)
        yield name, answer


def _hole(taken: set[str], *, wrong_taken: bool) -> str:
    """The one bug behind what was taken: the worst, where it explains the others."""
    if wrong_taken:
        return "webhook.unverified"
    rules = {
        "no signature": "webhook.unsigned_taken",
        "altered body": "webhook.unverified",
        "too old": "webhook.no_timestamp_check",
        "too new": "webhook.no_future_check",
    }
    return next((code for name, code in rules.items() if name in taken), "")


def _why_refused(battery: Battery, genuine: PostResponse, wrong: PostResponse) -> str:
    """Why a genuine delivery is not taken: another form is, or its answer differs from a forged one's."""
    for language, written in _rewritten(battery.body):
        name = f"signed as {language} writes it"
        answer = battery.send(name, battery.signed(body=written))
        if answer.accepted:
            battery.context.evidence(name, answer.status, expected="4xx", ok=False)
            return "webhook.reserialized"
    other = OTHER_NAMES.get(battery.webhook.header.lower(), "clearpay-signature")
    renamed = battery.send("another header", battery.signed(), header_name=other)
    if renamed.accepted:
        battery.context.evidence(f"header {other}", renamed.status, expected="4xx", ok=False)
        return "webhook.wrong_header"
    if (genuine.status, genuine.body) == (wrong.status, wrong.body):
        note = "the genuine delivery is answered as the forged one is"
        battery.context.evidence("answers", "equal", expected="different", ok=False, note=note)
        return "webhook.wrong_secret"
    note = f"the signature is taken; the event type {EVENT} is not"
    battery.context.evidence(
        "answers", "different", note=note, ok=False, expected="2xx for unknown event types"
    )
    return "webhook.rejects_unknown_events"


def _rewritten(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The body as receivers would write it after parsing: json.dumps, and JSON.stringify."""
    parsed = json.loads(body)
    yield "Python", json.dumps(parsed).encode()
    yield "JavaScript", json.dumps(parsed, separators=(",", ":"), ensure_ascii=False).encode()


def _rotated(battery: Battery) -> str:
    """Two signatures as in a change of the secret: the receiver's own is the second."""
    at = int(time.time())
    other = signature(secrets.token_hex(16), battery.body, at)
    return header(at, other, signature(battery.secret, battery.body, at))


def _say(context: Context, name: str, answer: PostResponse, *, taken: bool) -> None:
    expected = "2xx" if taken else "4xx"
    context.evidence(name, answer.status, expected=expected, ok=answer.accepted == taken)
