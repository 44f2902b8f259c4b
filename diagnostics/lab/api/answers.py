"""Answers of the lab's API on each route, as the reference page of the API defines them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from diagnostics.lab.api.rules import (
    AUDIENCE,
    CURRENCIES,
    ENVIRONMENT,
    ISSUER,
    MERCHANT,
    TOKEN_LIFE_S,
    WINDOW_S,
    Key,
    Rules,
)
from diagnostics.lab.api.tokens import Refused, verify


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, JSON document and headers of an answer."""

    status: int
    document: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class Denied(Exception):
    """Rejection of a request, with the answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated key and its scopes."""

    key: Key
    scopes: tuple[str, ...]


def reply(rules: Rules, method: str, path: str, headers: Mapping[str, str]) -> Reply:
    """Answer one request. Not thread-safe: it counts requests."""
    route = ROUTES.get((method, path))
    if route is None:
        return _error(404, "not_found", "there is no such route")
    for limit in rules.limits.values():
        limit.refill(rules.now())
    try:
        return route(rules, headers)
    except Denied as denied:
        return denied.reply


def limit_headers(rules: Rules) -> dict[str, str]:
    """Return the rate limit headers in the configured style."""
    if rules.header_style == "structured":
        return _structured(rules)
    name, limit = min(rules.limits.items(), key=lambda item: item[1].left)
    left, seconds = limit.left, math.ceil(limit.resets - rules.now())
    if rules.header_style == "draft06":
        return {
            "RateLimit-Limit": f"{limit.quota}, {limit.quota};w={WINDOW_S:.0f};comment={name}",
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(seconds),
        }
    return {
        "X-RateLimit-Limit": str(limit.quota),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": str(math.ceil(limit.resets)),
    }


def _structured(rules: Rules) -> dict[str, str]:
    now = rules.now()
    limits = rules.limits.items()
    return {
        "RateLimit-Policy": ", ".join(f'"{name}";q={limit.quota};w={WINDOW_S:.0f}' for name, limit in limits),
        "RateLimit": ", ".join(
            f'"{name}";r={limit.left};t={math.ceil(limit.resets - now)}' for name, limit in limits
        ),
    }


def _health(_rules: Rules, _headers: Mapping[str, str]) -> Reply:
    return Reply(200, {"status": "ok"})


def _me(rules: Rules, headers: Mapping[str, str]) -> Reply:
    caller = _caller(rules, headers)
    document = {
        "merchant": MERCHANT,
        "environment": caller.key.environment,
        "scopes": list(caller.scopes),
        "currencies": list(CURRENCIES),
        "key": {"expires_at": f"{datetime.fromtimestamp(caller.key.ends, UTC):%Y-%m-%dT%H:%M:%SZ}"},
    }
    return Reply(200, document, limit_headers(rules))


def _token(rules: Rules, headers: Mapping[str, str]) -> Reply:
    _key(rules, headers.get("x-api-key", ""))
    _count_request(rules, "auth")
    token = rules.token(headers["x-api-key"])
    return Reply(
        200,
        {"access_token": token, "token_type": "Bearer", "expires_in": int(TOKEN_LIFE_S)},
        limit_headers(rules),
    )


def _requiring(scope: str, document: Mapping[str, Any], status: int) -> "Route":
    def route(rules: Rules, headers: Mapping[str, str]) -> Reply:
        caller = _caller(rules, headers)
        if scope not in caller.scopes:
            challenge = f'Bearer realm="clearpay", error="insufficient_scope", scope="{scope}"'
            raise Denied(
                _error(403, "insufficient_scope", f"{scope} is required", {"WWW-Authenticate": challenge})
            )
        _count_request(rules, "api")
        return Reply(status, document, limit_headers(rules))

    return route


def _caller(rules: Rules, headers: Mapping[str, str]) -> Caller:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        key = _key(rules, headers.get("x-api-key", ""))
        return Caller(key, key.scopes)
    try:
        claims = verify(token, rules.signing_key, now=rules.now(), issuer=ISSUER, audience=AUDIENCE)
    except Refused as refused:
        challenge = f'Bearer realm="clearpay", error="invalid_token", error_description="{refused}"'
        raise Denied(_error(401, "invalid_token", str(refused), {"WWW-Authenticate": challenge})) from None
    return Caller(next(iter(rules.keys.values())), tuple(claims["scope"].split()))


def _key(rules: Rules, given: str) -> Key:
    key = rules.keys.get(given)
    if key is None:
        raise Denied(_error(401, "invalid_api_key", "there is no such API key"))
    if key.environment != ENVIRONMENT:
        raise Denied(_error(401, "api_key_wrong_environment", f"this key belongs to {key.environment}"))
    if key.revoked:
        raise Denied(_error(401, "api_key_revoked", "this API key was revoked"))
    if key.ends <= rules.now():
        ended = f"{datetime.fromtimestamp(key.ends, UTC):%Y-%m-%d}"
        raise Denied(_error(401, "api_key_expired", f"this API key expired on {ended}"))
    return key


def _count_request(rules: Rules, name: str) -> None:
    limit, now = rules.limits[name], rules.now()
    if limit.left <= 0:
        wait = {"Retry-After": str(math.ceil(limit.resets - now))}
        message = f"too many requests of kind {name}"
        raise Denied(_error(429, "rate_limit_exceeded", message, wait | limit_headers(rules)))
    limit.left -= 1


def _error(status: int, type_: str, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, {"error": {"type": type_, "message": message}}, headers or {})


Route = Callable[[Rules, Mapping[str, str]], Reply]
ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/v1/healthz"): _health,
    ("GET", "/v1/me"): _me,
    ("POST", "/v1/auth/token"): _token,
    ("GET", "/v1/payments"): _requiring("payments:read", {"payments": []}, 200),
    ("POST", "/v1/payments"): _requiring("payments:write", {"id": "pay_1", "status": "booked"}, 201),
    ("POST", "/v1/refunds"): _requiring("refunds:write", {"id": "ref_1", "status": "booked"}, 201),
}
