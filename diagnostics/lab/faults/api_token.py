"""Faults of the application's token, its scopes, and the rate limits of the API."""

import secrets
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from diagnostics.lab.api.nginx import Nginx, RequestLimit
from diagnostics.lab.api.rules import SCOPES
from diagnostics.lab.api.tokens import mint

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

MISSING_SCOPE = "refunds:write"
WINDOW_S = 3600.0


def expired(lab: "Lab") -> Iterator[None]:
    """Give the application a token that expired ten minutes ago."""
    now = time.time()
    _give_token(lab, iat=now - 1200, exp=now - 600)
    yield


def not_yet_valid(lab: "Lab") -> Iterator[None]:
    """Give the application a token from an issuer whose clock is five minutes ahead."""
    now = time.time()
    _give_token(lab, iat=now + 300, exp=now + 900)
    yield


def malformed(lab: "Lab") -> Iterator[None]:
    """Cut the signature off the application's token."""
    token = lab.api.rules.token(lab.api.key)
    lab.api.give_token(token.rpartition(".")[0])
    yield


def wrong_issuer(lab: "Lab") -> Iterator[None]:
    """Give the application a token of the staging environment's issuer."""
    _give_token(lab, iss="https://auth.staging.clearpay.example")
    yield


def wrong_audience(lab: "Lab") -> Iterator[None]:
    """Give the application a token that was issued for another service."""
    _give_token(lab, aud="clearpay-reports")
    yield


def rejected(lab: "Lab") -> Iterator[None]:
    """Give the application a token that was signed with another key."""
    claims: dict[str, Any] = {"iss": "https://auth.clearpay.example", "aud": "clearpay-api"}
    now = time.time()
    lab.api.give_token(mint(claims | {"iat": now, "exp": now + 600, "scope": ""}, secrets.token_bytes(32)))
    yield


def scopes_missing(lab: "Lab") -> Iterator[None]:
    """Never grant refunds:write to the API key, so that no token has it."""
    lab.api.own_key.scopes = _without_missing(SCOPES)
    _give_token(lab)
    yield


def old_token(lab: "Lab") -> Iterator[None]:
    """Grant refunds:write to the API key after the application fetched its token."""
    _give_token(lab, scope=" ".join(_without_missing(SCOPES)))
    yield


def exhausted(lab: "Lab") -> Iterator[None]:
    """Use up the request limit, as another program of the same merchant would."""
    _set_remaining(lab, "api", 0)
    yield


def proxy_limit(lab: "Lab") -> Iterator[None]:
    """Put nginx in front of the API, with a rate limit that one request in a minute uses up."""
    limit = RequestLimit(rate="1r/m", status=429)
    with Nginx(f"127.0.0.1:{lab.api.server.port}", files=lab.api.files, limit=limit) as front:
        lab.api.port = front.port
        lab.publish()
        front.use_up()
        yield


def low(lab: "Lab") -> Iterator[None]:
    """Leave 10 of 200 requests in the current window of the rate limit."""
    _set_remaining(lab, "api", 10)
    yield


def token_storm(lab: "Lab") -> Iterator[None]:
    """Request one token per payment until the token limit is used up."""
    limits = lab.api.rules.limits
    _set_remaining(lab, "api", limits["api"].quota - limits["auth"].quota)
    _set_remaining(lab, "auth", 0)
    yield


def _set_remaining(lab: "Lab", name: str, left: int) -> None:
    """Set the remaining quota of a limit, in a window that ends after every probe has run."""
    limit = lab.api.rules.limits[name]
    limit.left, limit.resets = left, lab.api.rules.now() + WINDOW_S


def _give_token(lab: "Lab", **claims: Any) -> None:
    lab.api.give_token(lab.api.rules.token(lab.api.key, **claims))


def _without_missing(scopes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(scope for scope in scopes if scope != MISSING_SCOPE)
