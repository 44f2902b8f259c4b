"""What one answer said of rate limits, noted by one probe and read by another: nothing is asked twice."""

from collections.abc import Mapping
from typing import Final

from diagnostics.clients.clearpay_api.rate_limits import Limit, limits_of, retry_after
from diagnostics.clients.clearpay_api.requests import clock_difference
from diagnostics.clients.http.messages import Answer
from diagnostics.engine.context import Context
from diagnostics.engine.events import Value

LIMIT: Final = "rate limit"
RETRY: Final = "told to wait"
TOO_MANY: Final = 429


def record_limits(context: Context, answer: Answer) -> None:
    """Record the limits in an answer's headers as evidence; a page of a firewall has none of the API's."""
    if answer.html:
        return
    now = answer.at + (clock_difference(answer) or 0.0)
    for number, limit in enumerate(limits_of(answer.headers, now), 1):
        value = (limit.name, limit.quota, limit.remaining, _rounded(limit.reset_s))
        context.evidence(
            f"{LIMIT} {number}", value, note="name, requests in a window, left, seconds to reset"
        )
    if answer.status == TOO_MANY:
        seconds = retry_after(answer.headers, now)
        wait = "unsaid" if seconds is None else f"{seconds:.0f} s"
        context.evidence(RETRY, wait, ok=False, note="429")


def read_limits(evidence: Mapping[str, Value]) -> list[Limit]:
    """The limits that a probe recorded."""
    found = [value for name, value in evidence.items() if name.startswith(LIMIT)]
    return [_limit(value) for value in found if isinstance(value, tuple)]


def _limit(value: tuple[object, ...]) -> Limit:
    name, *numbers = value
    quota, remaining, reset_s = (one if isinstance(one, float) else None for one in numbers)
    return Limit(str(name), quota, remaining, reset_s)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
