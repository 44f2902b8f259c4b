"""Parser of rate limit headers: three families of limits, and both forms of Retry-After.

Sources: draft-ietf-httpapi-ratelimit-headers (RateLimit and RateLimit-Policy as structured fields; up to
draft 06 RateLimit-Limit, -Remaining, -Reset), the older X-RateLimit-*, RFC 9110, 10.2.3 (Retry-After).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from diagnostics.clients.http.dates import parse_http_date

MAX_LIMITS: Final = 16
"""Limits that are read from one response."""
MAX_CHARS: Final = 60
"""Characters of a header that are shown."""
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

    @property
    def unlimited(self) -> bool:
        """True for a limit of 0 of which 0 are left: APIs write that where there is no limit."""
        return self.quota == 0 and self.remaining == 0


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Rate limits in one response: a fact that a probe with a credential shares."""

    limits: tuple[Limit, ...]
    refused: bool
    """True if the response has status 429."""
    wait_s: float | None
    """Seconds of its Retry-After; None without one."""
    unreadable: tuple[str, ...] = ()
    """Headers of limits that cannot be read, as `name: value`."""


@dataclass(frozen=True, slots=True)
class ParsedLimits:
    """Limits of one family of headers, and the headers that cannot be read."""

    limits: tuple[Limit, ...] = ()
    unreadable: tuple[str, ...] = ()


class _Unreadable(Exception):
    """A number that is negative, no number, or stated twice with different values."""


def parse_limits(headers: Mapping[str, str], now: float) -> ParsedLimits:
    """Parse the limits in headers with lower-case names; `now` is the API's clock, or ours if unknown.

    The first family that has a limit counts. A remaining number that cannot be read is reported, and not
    left out: nobody knows then how much is left.
    """
    unreadable: list[str] = []
    for name, parse in FAMILIES.items():
        if name not in headers:
            continue
        try:
            limits = tuple(parse(headers, now))
        except _Unreadable:
            unreadable.append(f"{name}: {headers[name][:MAX_CHARS]}")
        else:
            if limits:
                return ParsedLimits(limits[:MAX_LIMITS], tuple(unreadable))
    return ParsedLimits((), tuple(unreadable))


def has_limits(headers: Mapping[str, str]) -> bool:
    """Return True if there is a header of a limit, readable or not."""
    return any(name in headers for name in FAMILIES)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds to wait by a Retry-After of either form, at least 0; None if there is none."""
    text = headers.get("retry-after", "").strip()
    seconds = _number(text)
    if seconds is None:
        date = parse_http_date(text) if text else None
        seconds = None if date is None else date - now
    return None if seconds is None else max(0.0, seconds)


def _structured(headers: Mapping[str, str], now: float) -> Iterator[Limit]:
    items = list(_items(headers["ratelimit"]))
    if items and not any(parameters for _, parameters in items):
        yield _draft07(items, now)
        return
    policies = dict(_items(headers.get("ratelimit-policy", "")))
    remaining: dict[str, float] = {}
    for name, parameters in items:
        left = _needed(parameters.get("r", ""))
        if remaining.setdefault(name, left) != left:
            raise _Unreadable
        policy = policies.get(name, {})
        yield Limit(name, _number(policy.get("q", "")), left, _reset(parameters.get("t", ""), now))


def _draft07(items: Iterable[tuple[str, object]], now: float) -> Limit:
    """Return the limit of `RateLimit: limit=100, remaining=50, reset=5`."""
    members = dict(member.split("=", 1) for member, _ in items if "=" in member)
    quota = _number(members.get("limit", ""))
    return Limit("", quota, _needed(members.get("remaining", "")), _reset(members.get("reset", ""), now))


def _draft06(headers: Mapping[str, str], now: float) -> Iterator[Limit]:
    yield _three_headers(headers, "ratelimit-", now)


def _x_headers(headers: Mapping[str, str], now: float) -> Iterator[Limit]:
    yield _three_headers(headers, "x-ratelimit-", now)


FAMILIES: Final[Mapping[str, Callable[[Mapping[str, str], float], Iterator[Limit]]]] = {
    "ratelimit": _structured,
    "ratelimit-remaining": _draft06,
    "x-ratelimit-remaining": _x_headers,
}
"""Parser of a family by the header without which it has no limit."""


def _three_headers(headers: Mapping[str, str], prefix: str, now: float) -> Limit:
    remaining = _needed(headers[f"{prefix}remaining"])
    quota = _number(_first(headers.get(f"{prefix}limit", "")))
    return Limit("", quota, remaining, _reset(_first(headers.get(f"{prefix}reset", "")), now))


def _needed(text: str) -> float:
    """Parse a number that stands once, or repeatedly with one value (RFC 9110, 5.3). Raises _Unreadable."""
    numbers = {_number(part) for part in text.split(",")}
    (number,) = numbers if len(numbers) == 1 else {None}
    if number is None:
        raise _Unreadable
    return number


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
