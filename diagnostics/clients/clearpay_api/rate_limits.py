"""What an API says of its limits, in the three families of headers and the two forms of Retry-After.

Sources: draft-ietf-httpapi-ratelimit-headers (RateLimit and RateLimit-Policy as structured fields; up to
draft 06 RateLimit-Limit, -Remaining, -Reset), the older X-RateLimit-*, RFC 9110, 10.2.3 (Retry-After).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from diagnostics.clients.http.dates import http_date

MOST: Final = 16
"""Limits that are read of one answer."""
EPOCH_FROM: Final = 1e6
"""A reset from here on is a moment, below it is seconds to go: nobody's window lasts eleven days."""
MILLISECONDS_FROM: Final = 1e11
"""A moment from here on counts milliseconds: in seconds it would be the year 5138."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit; None where the headers do not say."""

    name: str
    quota: float | None
    """Requests in a window."""
    remaining: float | None
    reset_s: float | None
    """Seconds until there is more."""


def limits_of(headers: Mapping[str, str], now: float) -> tuple[Limit, ...]:
    """The limits in an answer's headers, by lower-case name; `now` is the API's own clock, else ours."""
    for family in (_structured, _draft06, _older):
        found = tuple(family(headers, now))
        if found:
            return found[:MOST]
    return ()


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait, at least 0, of a Retry-After in seconds or as a date; None where there is none."""
    text = headers.get("retry-after", "").strip()
    seconds = _number(text)
    if seconds is None:
        moment = http_date(text) if text else None
        seconds = None if moment is None else moment - now
    return None if seconds is None else max(0.0, seconds)


def _structured(headers: Mapping[str, str], now: float) -> Iterator[Limit]:
    policies = dict(_items(headers.get("ratelimit-policy", "")))
    for name, parameters in _items(headers.get("ratelimit", "")):
        policy = policies.get(name, {})
        left = _number(parameters.get("r", ""))
        if left is not None:
            yield Limit(name, _number(policy.get("q", "")), left, _reset(parameters.get("t", ""), now))


def _draft06(headers: Mapping[str, str], now: float) -> Iterator[Limit]:
    yield from _three(headers, "ratelimit-", now)


def _older(headers: Mapping[str, str], now: float) -> Iterator[Limit]:
    yield from _three(headers, "x-ratelimit-", now)


def _three(headers: Mapping[str, str], prefix: str, now: float) -> Iterator[Limit]:
    left = _number(_first(headers.get(f"{prefix}remaining", "")))
    if left is not None:
        quota = _number(_first(headers.get(f"{prefix}limit", "")))
        yield Limit("", quota, left, _reset(_first(headers.get(f"{prefix}reset", "")), now))


def _first(text: str) -> str:
    """The number before a list of policies: `100, 100;w=60`."""
    return text.partition(",")[0].partition(";")[0]


def _reset(text: str, now: float) -> float | None:
    value = _number(text)
    if value is None or value < EPOCH_FROM:
        return value
    return max(0.0, (value / 1000 if value >= MILLISECONDS_FROM else value) - now)


def _items(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The items of a structured list with their parameters (RFC 9651, 3.1); what is none is left out."""
    for item in _split(text, ","):
        name, *pairs = _split(item, ";")
        parameters = (pair.partition("=") for pair in pairs)
        yield name.strip().strip('"'), {key.strip(): value.strip() for key, _, value in parameters}


def _split(text: str, at: str) -> list[str]:
    """Split outside of quotes."""
    parts, quoted = [""], False
    for character in text:
        quoted ^= character == '"'
        if character == at and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _number(text: str) -> float | None:
    """A finite number of at least 0; None for anything else."""
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
