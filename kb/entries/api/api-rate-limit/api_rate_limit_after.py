"""Asks for one token for all payments, and waits as long as the API says, but not forever.

Retry-After is seconds, a date, or missing, so all three are read. Add a random part to the wait, or all
workers come back in the same instant. A wait that is longer than the caller's own patience is no wait: raise,
and let the queue bring the payment back later.
"""

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar

from clearpay import Client
from clearpay.exceptions import RateLimitExceededError

T = TypeVar("T")
PATIENCE_S = 20.0
UNSAID_S = 1.0
TRIES = 4


def seconds_of(retry_after: str | None) -> float:
    """Read a Retry-After header (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return UNSAID_S
    if retry_after.isdigit():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return UNSAID_S


def politely(call: Callable[[], T]) -> T:
    """Make a call, again after each 429 while patience lasts. Raises RateLimitExceededError."""
    until = time.monotonic() + PATIENCE_S
    for _ in range(TRIES - 1):
        try:
            return call()
        except RateLimitExceededError as error:
            wait = seconds_of(error.retry_after) * random.uniform(1.0, 1.3)  # noqa: S311  it spreads load
            if time.monotonic() + wait > until:
                raise
            time.sleep(wait)
    return call()


if __name__ == "__main__":
    key = Path(os.environ["CLEARPAY_API_KEY_FILE"]).read_text("utf-8").strip()
    api = Client(os.environ["CLEARPAY_API_URL"], api_key=key, ca_file=os.environ["CLEARPAY_CA_FILE"])
    token, _ = politely(api.auth.generate_token)
    print("payments:", [politely(lambda: api.pay(1000, "USD", token=token)) for _ in range(3)])
