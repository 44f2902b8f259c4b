"""Verifies the bytes as they came, then the time, with every signature and each secret in force.

Read the raw body before any parser sees it. Compare with hmac.compare_digest. Refuse what is older or
newer than the tolerance. Take a delivery if any `v1` fits any secret: during a change there are two of
each. Then remember the event's id in a table with a unique key, answer 200 at once, and do the work
afterwards: deliveries come twice, and out of order. Types that are not known are taken and ignored.
"""

import hmac
import os
import time
from pathlib import Path

from clearpay import config, webhooks


def genuine(header: str, body: bytes, secrets: tuple[str, ...], tolerance_s: float) -> bool:
    """Return True if ClearPay signed exactly this delivery within the tolerance."""
    pairs = [part.strip().partition("=")[::2] for part in header.split(",")]
    at = next((value for key, value in pairs if key == "t"), "")
    if not at.isdecimal() or abs(time.time() - int(at)) > tolerance_s:
        return False
    given = [value for key, value in pairs if key == "v1"]
    expected = [webhooks.sign(secret, body, int(at)) for secret in secrets]
    return any(hmac.compare_digest(one, other) for one in expected for other in given)


if __name__ == "__main__":
    settings = config.load("webhook")
    webhooks.check(settings)
    secret = Path(os.environ["CLEARPAY_WEBHOOK_SECRET_FILE"]).read_text("utf-8")
    answered = webhooks.send_test_deliveries(os.environ["CLEARPAY_WEBHOOK_URL"], secret)
    print("test deliveries answered as they must be:", answered)
    own, now = settings["webhook_secret"], int(time.time())
    signed = f"t={now},v1={'0' * 64},v1={webhooks.sign(own, webhooks.BODY, now)}"
    print("genuine:", genuine(signed, webhooks.BODY, (own,), settings["tolerance_seconds"]))
