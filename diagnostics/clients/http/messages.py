"""A request to an API and what came back, as plain data: reading it needs no library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MOST_BYTES: Final = 64 * 1024
"""No answer that we ask for is larger; what comes beyond is not read."""


@dataclass(frozen=True, slots=True)
class Request:
    """Where to, with what, and for how long."""

    url: str = field(repr=False)
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: str = ""
    proxy: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Phases:
    """Milliseconds of each stage of one request."""

    resolve: float
    connect: float
    tls: float
    first_byte: float
    body: float

    @property
    def total(self) -> float:
        """Milliseconds from the name to the last byte."""
        return self.resolve + self.connect + self.tls + self.first_byte + self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Its texts come from outside: they are shown through the context only."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """By lower-case name; repeated ones joined by commas (RFC 9110, 5.3)."""
    body: bytes = field(repr=False)
    phases: Phases
    at: float
    """Seconds since the epoch by our clock, in the middle between question and answer."""

    @property
    def document(self) -> Mapping[str, Any] | None:
        """The JSON object in the body, None where it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def too_long(self) -> bool:
        """Whether it was not read to its end: who reads all of it, as the application does, may never end."""
        return len(self.body) >= MOST_BYTES

    @property
    def html(self) -> bool:
        """Whether it is a page for people, which an API does not send."""
        return "html" in self.headers.get("content-type", "") or self.body.lstrip()[:1] == b"<"
