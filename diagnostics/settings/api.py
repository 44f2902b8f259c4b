"""What the API is expected to answer, and what the application presents to it."""

from dataclasses import dataclass

from kb.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Record):
    """What a token must say; the token itself is `secrets.token`."""

    issuer: str = ""
    audience: str = ""
    scopes: tuple[str, ...] = ()
    """What the application needs to be allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract(Record):
    """What the API is expected to answer, so that the probes serve other APIs too. Paths follow the base."""

    health_path: str = "/healthz"
    """Answers 200 without credentials while the API is up."""
