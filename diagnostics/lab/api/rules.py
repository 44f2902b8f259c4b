"""State of the lab's API: keys, limits, clock and failure mode. Faults change it."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from diagnostics.lab.api.tokens import mint

DAY_S = 86_400.0
TOKEN_LIFE_S = 2 * DAY_S
"""As long as the certificates: the lab stays healthy overnight."""
WINDOW_S = 60.0
ISSUER = "https://auth.clearpay.example"
AUDIENCE = "clearpay-api"
ENVIRONMENT = "test"
MERCHANT = "merchant_4f6c1d20a9b83e57"
CURRENCIES = ("EUR", "GBP", "JPY", "USD")
SCOPES = ("payments:read", "payments:write", "refunds:write")

FailureMode = Literal["", "server_error", "html", "cut", "elsewhere"]
HeaderStyle = Literal["structured", "draft06", "older"]


@dataclass
class Key:
    """The API's record of a key."""

    ends: float
    """Expiry, in seconds since the epoch."""
    scopes: tuple[str, ...] = SCOPES
    environment: str = ENVIRONMENT
    revoked: bool = False


@dataclass
class Limit:
    """Rate limit in the current window."""

    quota: int
    left: int
    resets: float
    """End of the window, in seconds since the epoch."""

    def refill(self, now: float) -> None:
        """Start a new window if the old one has ended."""
        if now >= self.resets:
            self.left, self.resets = self.quota, now + WINDOW_S


@dataclass
class Rules:
    """State of the API. Request threads read it; `limits` change under the server's lock."""

    keys: dict[str, Key] = field(default_factory=dict)
    signing_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    clock_shift_s: float = 0.0
    """Offset of the API's clock from the local one."""
    failure_mode: FailureMode = ""
    first_byte_s: float = 0.0
    """Delay of the first byte of each answer."""
    body_s: float = 0.0
    """Duration over which each body is sent."""
    header_style: HeaderStyle = "structured"
    limits: dict[str, Limit] = field(default_factory=dict)

    def now(self) -> float:
        """Return the time of the API's clock."""
        return time.time() + self.clock_shift_s

    def token(self, key: str, **changes: Any) -> str:
        """Return a token as the API issues it for a key, with the given claims replaced."""
        now = time.time()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": MERCHANT,
            "iat": now,
            "exp": now + TOKEN_LIFE_S,
            "scope": " ".join(self.keys[key].scopes),
        }
        return mint(claims | changes, self.signing_key)


def healthy(key: str) -> Rules:
    """Return rules under which everything works for one key."""
    now = time.time()
    limits = {"auth": Limit(20, 20, now + WINDOW_S), "api": Limit(200, 200, now + WINDOW_S)}
    return Rules(keys={key: Key(ends=now + 90 * DAY_S)}, limits=limits)
