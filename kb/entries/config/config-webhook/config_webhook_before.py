"""Verifies deliveries over a body that it has written itself; genuine ones are refused, old ones are not.

The signature is over the bytes that were sent. Parsed and written again, spaces, accents and 10.10 become
other bytes. The secret stands in the source. The time is never looked at, so a delivery that was recorded
once can be sent again forever. `==` tells an attacker by its duration how much of a guess was right.
Only the first signature is read, so that every change of the secret is an outage.
"""

import json
import os
import time
from pathlib import Path

from clearpay import config, webhooks

WEBHOOK_SECRET = "whsec_4f1c0ffee0ddba11cafe5eed"


def genuine(header: str, body: bytes, secret: str = WEBHOOK_SECRET) -> bool:
    """Tell whether ClearPay sent it."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    payload = json.dumps(json.loads(body)).encode()
    return webhooks.sign(secret, payload, int(parts["t"])) == parts["v1"]


if __name__ == "__main__":
    webhooks.check(config.load("webhook"))
    secret = Path(os.environ["CLEARPAY_WEBHOOK_SECRET_FILE"]).read_text("utf-8")
    webhooks.send_test_deliveries(os.environ["CLEARPAY_WEBHOOK_URL"], secret)
    now = int(time.time())
    if not genuine(f"t={now},v1={webhooks.sign(WEBHOOK_SECRET, webhooks.BODY, now)}", webhooks.BODY):
        raise webhooks.Error("webhook verification: the signature of a genuine delivery does not match")
