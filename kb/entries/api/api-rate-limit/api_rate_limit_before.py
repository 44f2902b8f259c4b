"""Asks for a token forevery payment, and once more as soon as one is refused.

A token lives for many payments, so nearly all of these requests are for nothing, and they have a limit of
their own that is far lower than that of payments. The second try comes after a second, whatever Retry-After
says: it rarely succeeds, there is no third, and where the API counts refused requests too it makes the wait
longer.
"""

import os
import time
from pathlib import Path

from clearpay import Client
from clearpay.exceptions import RateLimitExceededError

PAYMENTS = 3


def pay(client: Client) -> str:
    """Book a payment with a token of its own."""
    try:
        token, _ = client.auth.generate_token()
    except RateLimitExceededError:
        time.sleep(1)
        token, _ = client.auth.generate_token()
    return client.pay(1000, "USD", token=token)


if __name__ == "__main__":
    key = Path(os.environ["CLEARPAY_API_KEY_FILE"]).read_text("utf-8").strip()
    api = Client(os.environ["CLEARPAY_API_URL"], api_key=key, ca_file=os.environ["CLEARPAY_CA_FILE"])
    print("payments:", [pay(api) for _ in range(PAYMENTS)])
