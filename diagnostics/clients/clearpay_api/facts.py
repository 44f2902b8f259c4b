"""Facts about the API that one probe observes and later probes read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiAccount:
    """Account of the application's key as the API describes it; None for a field that the answer lacks."""

    key_fingerprint: str
    """Fingerprint of the accepted key, see diagnostics.targets.secrets.fingerprint."""
    merchant: str | None
    environment: str | None
    """`live` or `test`."""
    currencies: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class GrantedScopes:
    """Scopes of a credential that the API accepted."""

    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FastestAnswer:
    """Duration of the fastest of several answers of the API."""

    ms: float


@dataclass(frozen=True, slots=True)
class ClockDifference:
    """Clock of the API minus the clock of this machine."""

    seconds: float
