"""Evidence and facts about the rate limits in one response of the API."""

from typing import Final

from diagnostics.clients.clearpay_api.rate_limits import Limit, RateLimits, parse_limits, retry_after
from diagnostics.clients.clearpay_api.requests import clock_difference
from diagnostics.clients.http.messages import Response
from diagnostics.engine.context import Context

TOO_MANY: Final = 429


def record_limits(context: Context, response: Response) -> None:
    """Show and share the limits in a response's headers; an HTML page is not from the API."""
    if response.html:
        return
    now = response.at + (clock_difference(response) or 0.0)
    parsed = parse_limits(response.headers, now)
    limits = tuple(_rounded(limit) for limit in parsed.limits)
    for number, limit in enumerate(limits, 1):
        value = (limit.name, limit.quota, limit.remaining, limit.reset_s)
        note = "name, requests in a window, left, seconds to reset"
        context.evidence(f"rate limit {number}", value, note=note)
    refused = response.status == TOO_MANY
    wait_s = retry_after(response.headers, now) if refused else None
    if refused:
        context.evidence("told to wait", wait_text(wait_s), ok=False, note="429")
    context.share(RateLimits(limits, refused=refused, wait_s=wait_s, unreadable=parsed.unreadable))


def wait_text(seconds: float | None) -> str:
    """Return the wait of a Retry-After as evidence shows it."""
    return "not specified" if seconds is None else f"{seconds:.0f} s"


def _rounded(limit: Limit) -> Limit:
    reset_s = None if limit.reset_s is None else round(limit.reset_s, 1)
    return Limit(limit.name, limit.quota, limit.remaining, reset_s)
