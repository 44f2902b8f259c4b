"""The application's token is none that the API takes, or allows too little."""

import secrets
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from diagnostics.lab.api.rules import SCOPES
from diagnostics.lab.api.tokens import mint

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

LACKING = "refunds:write"
LONG_S = 3600.0


def expired(lab: "Lab") -> Iterator[None]:
    """The application went on with a token whose time was over ten minutes ago."""
    now = time.time()
    _give(lab, iat=now - 1200, exp=now - 600)
    yield


def not_yet_valid(lab: "Lab") -> Iterator[None]:
    """Whoever issued the token has a clock that is ahead of everybody's."""
    now = time.time()
    _give(lab, iat=now + 300, exp=now + 900)
    yield


def malformed(lab: "Lab") -> Iterator[None]:
    """The file was too small for the token: its end is missing."""
    token = lab.api.rules.token(lab.api.key)
    lab.api.give_token(token.rpartition(".")[0])
    yield


def wrong_issuer(lab: "Lab") -> Iterator[None]:
    """The token comes from the issuer of another environment."""
    _give(lab, iss="https://auth.staging.clearpay.example")
    yield


def wrong_audience(lab: "Lab") -> Iterator[None]:
    """The token was issued for another service."""
    _give(lab, aud="clearpay-reports")
    yield


def rejected(lab: "Lab") -> Iterator[None]:
    """The issuer has changed its signing key, and the application still has a token from before."""
    claims: dict[str, Any] = {"iss": "https://auth.clearpay.example", "aud": "clearpay-api"}
    now = time.time()
    lab.api.give_token(mint(claims | {"iat": now, "exp": now + 600, "scope": ""}, secrets.token_bytes(32)))
    yield


def scopes_missing(lab: "Lab") -> Iterator[None]:
    """The key was never granted refunds:write, so no token has it."""
    lab.api.own_key.scopes = _without(SCOPES)
    _give(lab)
    yield


def old_token(lab: "Lab") -> Iterator[None]:
    """The key was granted refunds:write after the application had fetched its token."""
    _give(lab, scope=" ".join(_without(SCOPES)))
    yield


def exhausted(lab: "Lab") -> Iterator[None]:
    """Another program of the same merchant has used up the limit of requests."""
    _leave(lab, "api", 0)
    yield


def low(lab: "Lab") -> Iterator[None]:
    """The limit of requests is nearly used up, half a window before it resets."""
    _leave(lab, "api", 10)
    yield


def token_storm(lab: "Lab") -> Iterator[None]:
    """A program has asked for a token for each of its payments, until no more are given."""
    limits = lab.api.rules.limits
    _leave(lab, "api", limits["api"].quota - limits["auth"].quota)
    _leave(lab, "auth", 0)
    yield


def _leave(lab: "Lab", name: str, left: int) -> None:
    """Leave this much of a limit, in a window that outlasts every look at it."""
    limit = lab.api.rules.limits[name]
    limit.left, limit.resets = left, lab.api.rules.now() + LONG_S


def _give(lab: "Lab", **claims: Any) -> None:
    lab.api.give_token(lab.api.rules.token(lab.api.key, **claims))


def _without(scopes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(scope for scope in scopes if scope != LACKING)
