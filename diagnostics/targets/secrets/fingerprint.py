"""Fingerprints of secrets: equal secrets of one process have equal fingerprints.

The HMAC key is random for each process: a bare hash in a report would allow offline guessing.
"""

import hashlib
import hmac
import os

SALT = os.urandom(32)
DIGITS = 8


def digest(*parts: str) -> bytes:
    """Return the HMAC of one or more secrets, to compare them in memory."""
    message = b"".join(len(data).to_bytes(8, "big") + data for data in map(_bytes, parts))
    return hmac.new(SALT, message, hashlib.sha256).digest()


def fingerprint(secret: str) -> str:
    """Return `fp-` and the first digits of a secret's HMAC, for evidence; `empty` for an empty secret."""
    return f"fp-{digest(secret).hex()[:DIGITS]}" if secret else "empty"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
