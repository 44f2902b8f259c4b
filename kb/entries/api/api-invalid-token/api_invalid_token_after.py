"""Pays with one token for many payments, and fetches the next before the API refuses the first.

Keep the token for 80 % of its life, counted on the monotonic clock from the `expires_in` that came with it:
then neither a wrong wall clock nor a slow request lets it end on the way.
Let one thread fetch it while the others wait. When the API still refuses one, drop it, fetch once, repeat the
call once. A second refusal is not about the token's age, so it is raised.
"""

import os
import threading
import time
from pathlib import Path

from clearpay import Client
from clearpay.exceptions import InvalidTokenError

SHARE = 0.8


class Tokens:
    """Holds the token that all threads use."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0

    def current(self, refused: str = "") -> str:
        """Return a token that is valid for a while and is not the rejected one. Raises ClearPayError."""
        with self._lock:
            if self._token in ("", refused) or time.monotonic() >= self._until:
                self._token, life = self._client.auth.generate_token()
                self._until = time.monotonic() + SHARE * life
            return self._token


def pay(client: Client, tokens: Tokens, cents: int) -> str:
    """Book a payment, in minor units; returns its id. Raises ClearPayError."""
    token = tokens.current()
    try:
        return client.pay(cents, "USD", token=token)
    except InvalidTokenError:
        return client.pay(cents, "USD", token=tokens.current(refused=token))


if __name__ == "__main__":
    key = Path(os.environ["CLEARPAY_API_KEY_FILE"]).read_text("utf-8").strip()
    shared = Client(os.environ["CLEARPAY_API_URL"], api_key=key, ca_file=os.environ["CLEARPAY_CA_FILE"])
    kept = Tokens(shared)
    print("payments:", [pay(shared, kept, 1000) for _ in range(3)])
