"""Settings of the application's files: configuration, source code, logs."""

from dataclasses import dataclass, field

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Names(Record):
    """Names that the application gives to its credentials; with one of them, only the named are expected.

    Values under these names may have another form than ClearPay's.
    """

    api_key: str = ""
    """Name of the API key, as `PAYMENTS_API_KEY`; default: `api_key`."""
    merchant_id: str = ""
    """Name of the merchant's id; default: `merchant_id`."""
    secret_key: str = ""
    """Name of the key that requests are signed with; default: `secret_key`."""
    environment: str = ""
    """Name of the environment, `production` or `sandbox`; default: `environment`."""
    webhook_secret: str = ""
    """Name of the secret of webhooks; default: `webhook_secret`."""


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
    names: Names = field(default_factory=Names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Record):
    """Source code of the application."""

    paths: tuple[str, ...]
    """Python files and folders, relative to the target file."""
    exclude: tuple[str, ...] = ()
    """Patterns as in .gitignore of what is left out of the folders. Left out by default: tests, examples,
    documentation, migrations, vendored code, and what .gitignore names."""
    include: tuple[str, ...] = ()
    """Patterns of what is read although it is left out by default or by .gitignore."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs(Record):
    """Logs of the application and its servers."""

    paths: tuple[str, ...]
    """Files and folders, relative to the target file."""
