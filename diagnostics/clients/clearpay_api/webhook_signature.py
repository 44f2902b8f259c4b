"""How ClearPay signs deliveries: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`.

During a change of the secret the header has two `v1`, one of each secret. The reference page of webhooks has
the scheme in words and an example. Source of the construction: RFC 2104.
"""

import hashlib
import hmac


def signature(secret: str, body: bytes, at: int) -> str:
    """The hexadecimal digest of a body at a time in unix seconds."""
    return hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()


def header(at: int, *signatures: str) -> str:
    """The value of the header."""
    return ",".join([f"t={at}", *(f"v1={one}" for one in signatures)])
