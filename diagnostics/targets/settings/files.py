"""Settings of the application's files: configuration, source code, logs."""

from dataclasses import dataclass

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFiles(Record):
    """Configuration of the application: Python, TOML, JSON, YAML or .env, relative to the target file."""

    credentials: str = ""
    """File with API key, merchant and environment."""
    network: str = ""
    """File with timeouts and retries."""
    currency: str = ""
    """File with currencies and amounts."""
    webhook: str = ""
    """File with the verification of webhooks."""
    logging: str = ""
    """File with a dictionary for `logging.config`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Record):
    """Source code of the application."""

    paths: tuple[str, ...]
    """Python files and folders, relative to the target file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs(Record):
    """Logs of the application and its servers."""

    paths: tuple[str, ...]
    """Files and folders, relative to the target file."""
