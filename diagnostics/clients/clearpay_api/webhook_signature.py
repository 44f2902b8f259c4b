"""Signature of ClearPay's webhook deliveries: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`.

During a rotation of the secret the header has two `v1`, one of each secret. The reference page of webhooks
describes the scheme with an example. Source of the construction: RFC 2104.
"""

import hashlib
import hmac


def signature(secret: str, body: bytes, at: int) -> str:
    """Return the hexadecimal digest of a body signed at a time in unix seconds."""
    return hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()


def header(at: int, *signatures: str) -> str:
    """Return the value of the signature header."""
    return ",".join([f"t={at}", *(f"v1={digest}" for digest in signatures)])
