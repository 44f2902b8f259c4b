"""Parser of rate limit headers: three families of limits, and both forms of Retry-After.

Sources: draft-ietf-httpapi-ratelimit-headers (RateLimit and RateLimit-Policy as structured fields; up to
draft 06 RateLimit-Limit, -Remaining, -Reset), the older X-RateLimit-*, RFC 9110, 10.2.3 (Retry-After).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from diagnostics.clients.http.dates import parse_http_date

MAX_LIMITS: Final = 16
"""Limits that are read from one response."""
MIN_EPOCH_S: Final = 1e6
"""A reset from here on is a point in time; below it is a delay: no window lasts eleven days."""
MIN_EPOCH_MS: Final = 1e11
"""A point in time from here on is in milliseconds: in seconds it would be in the year 5138."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One rate limit; None for a number that the headers lack."""

    name: str
    quota: float | None
    """Requests in a window."""
    remaining: float | None
    reset_s: float | None
    """Seconds until the limit is reset."""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Rate limits in one response: a fact that a probe with a credential shares."""

    limits: tuple[Limit, ...]
    refused: bool
    """True if the response has status 429."""
    wait_s: float | None
    """Seconds of its Retry-After; None without one."""


def parse_limits(headers: Mapping[str, str], now: float) -> tuple[Limit, ...]:
    """Parse the limits in headers with lower-case names; `now` is the API's clock, or ours if unknown."""
    for family in (_structured, _draft06, _x_headers):
        limits = tuple(family(headers, now))
        if limits:
            return limits[:MAX_LIMITS]
    return ()


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds to wait by a Retry-After of either form, at least 0; None if there is none."""
    text = headers.get("retry-after", "").strip()
    seconds = _number(text)
    if seconds is None:
        date = parse_http_date(text) if text else None
        seconds = None if date is None else date - now
    return None if seconds is None else max(0.0, seconds)


def _structured(headers: Mapping[str, str], now: float) -> Iterator[Limit]:
    policies = dict(_items(headers.get("ratelimit-policy", "")))
    for name, parameters in _items(headers.get("ratelimit", "")):
        policy = policies.get(name, {})
        remaining = _number(parameters.get("r", ""))
        if remaining is not None:
            yield Limit(name, _number(policy.get("q", "")), remaining, _reset(parameters.get("t", ""), now))


def _draft06(headers: Mapping[str, str], now: float) -> Iterator[Limit]:
    yield from _three_headers(headers, "ratelimit-", now)


def _x_headers(headers: Mapping[str, str], now: float) -> Iterator[Limit]:
    yield from _three_headers(headers, "x-ratelimit-", now)


def _three_headers(headers: Mapping[str, str], prefix: str, now: float) -> Iterator[Limit]:
    remaining = _number(_first(headers.get(f"{prefix}remaining", "")))
    if remaining is not None:
        quota = _number(_first(headers.get(f"{prefix}limit", "")))
        yield Limit("", quota, remaining, _reset(_first(headers.get(f"{prefix}reset", "")), now))


def _first(text: str) -> str:
    """Return the number before a list of policies: `100, 100;w=60`."""
    return text.partition(",")[0].partition(";")[0]


def _reset(text: str, now: float) -> float | None:
    value = _number(text)
    if value is None or value < MIN_EPOCH_S:
        return value
    return max(0.0, (value / 1000 if value >= MIN_EPOCH_MS else value) - now)


def _items(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the items of a structured list with their parameters (RFC 9651, 3.1)."""
    for item in _split(text, ","):
        name, *pairs = _split(item, ";")
        parameters = (pair.partition("=") for pair in pairs)
        yield name.strip().strip('"'), {key.strip(): value.strip() for key, _, value in parameters}


def _split(text: str, separator: str) -> list[str]:
    """Split a text at a character outside of quotes."""
    parts, quoted = [""], False
    for character in text:
        quoted ^= character == '"'
        if character == separator and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _number(text: str) -> float | None:
    """Parse a finite number of at least 0; return None for anything else."""
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
