"""Tokens of the lab's API: JWTs signed with HS256 (RFC 7515, RFC 7519, RFC 7518, 3.2)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

HEADER = {"alg": "HS256", "typ": "JWT"}


class Refused(Exception):
    """Rejection of a token; the message is the reason in the API's answer."""


def mint(claims: Mapping[str, Any], key: bytes) -> str:
    """Return a signed token with these claims."""
    signed = f"{_encoded(HEADER)}.{_encoded(claims)}"
    return f"{signed}.{_base64url(_signature(signed, key))}"


def verify(token: str, key: bytes, *, now: float, issuer: str, audience: str) -> dict[str, Any]:
    """Return the claims of a token after checking signature, time, issuer and audience. Raises Refused."""
    signed, _, signature = token.rpartition(".")
    if token.count(".") != 2:  # noqa: PLR2004  RFC 7515, 7.1: three parts
        raise Refused("the token is malformed")
    if not hmac.compare_digest(_base64url(_signature(signed, key)), signature):
        raise Refused("the token's signature is invalid")
    claims: dict[str, Any] = json.loads(_decoded(signed.partition(".")[2]))
    if claims["exp"] <= now:
        raise Refused("the token has expired")
    if claims["iat"] > now:
        raise Refused("the token is not yet valid (iat)")
    if claims["iss"] != issuer:
        raise Refused("the token's issuer is not trusted")
    if claims["aud"] != audience:
        raise Refused("the token's audience is another")
    return claims


def _encoded(part: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(part, separators=(",", ":")).encode())


def _signature(signed: str, key: bytes) -> bytes:
    return hmac.digest(key, signed.encode(), hashlib.sha256)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
