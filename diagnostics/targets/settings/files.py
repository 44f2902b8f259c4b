"""Files of the application: what it is configured by, and what it is written in."""

from dataclasses import dataclass

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFiles(Record):
    """The application's configuration: Python, TOML, JSON, YAML or .env, relative to the target file."""

    credentials: str = ""
    """Keys of the API, merchant and environment."""
    network: str = ""
    """Timeouts and retries."""
    currency: str = ""
    """Currencies and amounts."""
    webhook: str = ""
    """How deliveries are verified."""
    logging: str = ""
    """A dictionary for logging.config."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Record):
    """The application's own code."""

    paths: tuple[str, ...]
    """Files and folders of Python, relative to the target file."""
