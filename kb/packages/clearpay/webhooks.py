"""Webhooks: validation of the settings, signatures, and the test deliveries that ClearPay sends on demand."""

import hashlib
import hmac
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

HEADER = "clearpay-signature"
EVENTS = ("payment.approved", "payment.declined", "payment.voided", "refund.processed", "refund.failed")
MAX_TOLERANCE_S = 900
BODY = b'{"id":"evt_test",  "type": "clearpay.probe","data": {"amount": 10.10, "note": "caf\xc3\xa9"} }'
TIMEOUT_S = 1.0


class Error(Exception):
    """The settings are invalid, or the endpoint failed a test delivery."""


def check(config: Mapping[str, Any]) -> None:
    """Raise Error for the first setting with which deliveries cannot be verified."""
    if not config.get("verify_signatures"):
        raise Error("webhook verification: verify_signatures is off")
    if not config.get("webhook_secret") or "xxxx" in config["webhook_secret"]:
        raise Error("webhook verification: webhook_secret is not set")
    if config.get("signature_header", "").lower() != HEADER:
        raise Error("webhook verification: signature_header is missing or wrong")
    if not 0 < config.get("tolerance_seconds", 0) <= MAX_TOLERANCE_S:
        raise Error("webhook verification: tolerance_seconds is missing or out of range")
    events = config.get("events_to_process", ())
    if not events or not set(events) <= set(EVENTS):
        raise Error("webhook verification: events_to_process is empty or has an unknown event")


def sign(secret: str, body: bytes, at: int) -> str:
    """Return the signature of a delivery: HMAC-SHA256 of timestamp and body, in hexadecimal."""
    return hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()


def send_test_deliveries(url: str, secret: str) -> int:
    """Send the test deliveries of ClearPay's dashboard and return their number.

    Raises Error for the first delivery that the endpoint handles wrongly.
    """
    now = int(time.time())
    valid = sign(secret, BODY, now)
    _expect(url, f"t={now},v1={valid}", "a signed delivery", accepted=True)
    _expect(url, f"t={now},v1={'0' * 64},v1={valid}", "a delivery with two signatures", accepted=True)
    _expect(url, f"t={now},v1={'0' * 64}", "a forged delivery", accepted=False)
    _expect(url, "", "an unsigned delivery", accepted=False)
    for name, at in (("an old delivery", now - 86400), ("a delivery from the future", now + 86400)):
        _expect(url, f"t={at},v1={sign(secret, BODY, at)}", name, accepted=False)
    return 6


def _expect(url: str, signature: str, name: str, *, accepted: bool) -> None:
    status = _post(url, {HEADER: signature} if signature else {})
    if (200 <= status < 300) != accepted:  # noqa: PLR2004  RFC 9110, 15.3
        reaction = f"answered {status} to" if status else "did not answer in time to"
        raise Error(f"webhook verification: the endpoint {reaction} {name}")


def _post(url: str, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", parts.path, BODY, headers)
        return connection.getresponse().status
    except TimeoutError:
        return 0
    finally:
        connection.close()
