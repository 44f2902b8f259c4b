"""What the lab's API goes by: its keys, its limits, its clock, its moods. A fault edits it."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from diagnostics.lab.api.tokens import mint

DAY_S = 86_400.0
TOKEN_LIFE_S = 2 * DAY_S
"""As long as the lab's certificates: a lab that is up for a night stays healthy."""
WINDOW_S = 60.0
ISSUER = "https://auth.clearpay.example"
AUDIENCE = "clearpay-api"
ENVIRONMENT = "test"
MERCHANT = "merchant_4f6c1d20a9b83e57"
CURRENCIES = ("EUR", "GBP", "JPY", "USD")
SCOPES = ("payments:read", "payments:write", "refunds:write")

Mood = Literal["", "server_error", "html", "cut", "elsewhere"]
HeaderStyle = Literal["structured", "draft06", "older"]


@dataclass
class Key:
    """What the API knows of one key."""

    ends: float
    """Seconds since the epoch."""
    scopes: tuple[str, ...] = SCOPES
    environment: str = ENVIRONMENT
    revoked: bool = False


@dataclass
class Limit:
    """A window of requests."""

    quota: int
    left: int
    resets: float
    """Seconds since the epoch."""

    def refill(self, now: float) -> None:
        """Begin a new window where the old one is over."""
        if now >= self.resets:
            self.left, self.resets = self.quota, now + WINDOW_S


@dataclass
class Rules:
    """The state of the API. Handlers read it in their threads; `limits` change under the server's lock."""

    keys: dict[str, Key] = field(default_factory=dict)
    signing_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    clock_shift_s: float = 0.0
    """What its clock is ahead of ours."""
    mood: Mood = ""
    first_byte_s: float = 0.0
    """Seconds that every answer lets wait for its first byte."""
    body_s: float = 0.0
    """Seconds over which it sends each body."""
    header_style: HeaderStyle = "structured"
    limits: dict[str, Limit] = field(default_factory=dict)

    def now(self) -> float:
        """The API's own time."""
        return time.time() + self.clock_shift_s

    def token(self, key: str, **changes: Any) -> str:
        """A token as the API gives it for a key, with other claims where a fault wants them."""
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
    """Rules under which everything works for one key."""
    now = time.time()
    limits = {"auth": Limit(20, 20, now + WINDOW_S), "api": Limit(200, 200, now + WINDOW_S)}
    return Rules(keys={key: Key(ends=now + 90 * DAY_S)}, limits=limits)
