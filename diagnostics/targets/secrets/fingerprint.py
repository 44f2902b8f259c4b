"""Fingerprints show whether two secrets are equal, and nothing else about them.

They are salted for each process: a bare hash would let anyone who reads a report try candidates.
"""

import hashlib
import hmac
import os

SALT = os.urandom(32)
SHOWN_DIGITS = 8


def digest(*parts: str) -> bytes:
    """Stand for secrets in memory; the same parts give the same bytes until the process ends."""
    message = b"".join(len(data).to_bytes(8, "big") + data for data in map(_bytes, parts))
    return hmac.new(SALT, message, hashlib.sha256).digest()


def fingerprint(secret: str) -> str:
    """Stand for one secret in evidence: `fp-` and a few digits; an empty secret is `empty`."""
    return f"fp-{digest(secret).hex()[:SHOWN_DIGITS]}" if secret else "empty"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
