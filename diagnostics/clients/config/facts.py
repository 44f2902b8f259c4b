"""Facts that probes of the configuration share; `agreement` compares them with those of the API."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConfiguredAccount:
    """Account that the credentials file names; None for a value that the file leaves open."""

    key_fingerprint: str | None
    """Fingerprint of the literal API key, see diagnostics.targets.secrets.fingerprint."""
    merchant: str | None
    environment: str | None
    """`live` or `test`, as keys have it, whatever word the file uses."""


@dataclass(frozen=True, slots=True)
class ConfiguredCurrencies:
    """Supported currencies of the file, as ISO 4217 codes."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConfiguredReadTimeout:
    """Read timeout of the file."""

    seconds: float
