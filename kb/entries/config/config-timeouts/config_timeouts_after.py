"""Calls the API with timeouts from the budget of the caller, and a deadline over all attempts.

Divide the time that the caller waits: here 45 s for at most three attempts of 13 s with short pauses.
Connecting takes 3.05 s at most: Linux repeats a lost first packet after 1 s and again after 2 s more.
Reading takes three times as long as 99 of 100 calls. Each pause is random, so that clients do not retry at
the same time. A request that changes something is sent again only with the same idempotency key.
"""

import os
import random
import time

import requests
from clearpay import config, networking

DEADLINE_S = 45.0


def health() -> int:
    """Return the status of the API. Raises requests.RequestException after the last attempt."""
    settings = config.load("network")
    networking.check(settings)
    limits = (settings["connection_timeout"], settings["read_timeout"])
    end = time.monotonic() + DEADLINE_S
    for number in range(settings["max_retries"]):
        try:
            return get(limits)
        except (requests.ConnectionError, requests.Timeout):
            pause = random.uniform(0, settings["retry_delay"] * settings["backoff_factor"] ** number)  # noqa: S311  it spreads load
            if time.monotonic() + pause + sum(limits) > end:
                raise
            time.sleep(pause)
    return get(limits)


def get(limits: tuple[float, float]) -> int:
    """One attempt."""
    address = f"{os.environ['CLEARPAY_API_URL']}/healthz"
    return requests.get(address, timeout=limits, verify=os.environ["CLEARPAY_CA_FILE"]).status_code


if __name__ == "__main__":
    print("the API answers", health())
