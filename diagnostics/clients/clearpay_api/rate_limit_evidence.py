"""Rate limits as evidence: recorded by the probe that got the response, read by the probe `quota`."""

from collections.abc import Mapping
from typing import Final

from diagnostics.clients.clearpay_api.rate_limits import Limit, parse_limits, retry_after
from diagnostics.clients.clearpay_api.requests import clock_difference
from diagnostics.clients.http.messages import Response
from diagnostics.engine.context import Context
from diagnostics.engine.events import Value

LIMIT: Final = "rate limit"
RETRY: Final = "told to wait"
TOO_MANY: Final = 429


def record_limits(context: Context, response: Response) -> None:
    """Record the limits in a response's headers as evidence; an HTML page is not from the API."""
    if response.html:
        return
    now = response.at + (clock_difference(response) or 0.0)
    for number, limit in enumerate(parse_limits(response.headers, now), 1):
        value = (limit.name, limit.quota, limit.remaining, _rounded(limit.reset_s))
        context.evidence(
            f"{LIMIT} {number}", value, note="name, requests in a window, left, seconds to reset"
        )
    if response.status == TOO_MANY:
        seconds = retry_after(response.headers, now)
        wait = "not specified" if seconds is None else f"{seconds:.0f} s"
        context.evidence(RETRY, wait, ok=False, note="429")


def read_limits(evidence: Mapping[str, Value]) -> list[Limit]:
    """Return the limits that a probe recorded."""
    values = [value for name, value in evidence.items() if name.startswith(LIMIT)]
    return [_limit(value) for value in values if isinstance(value, tuple)]


def _limit(value: tuple[object, ...]) -> Limit:
    name, *numbers = value
    quota, remaining, reset_s = (number if isinstance(number, float) else None for number in numbers)
    return Limit(str(name), quota, remaining, reset_s)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
