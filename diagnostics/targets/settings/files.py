"""Settings of the application's files: configuration, source code, logs."""

from dataclasses import dataclass, field

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Names(Record):
    """Names that the application gives to its settings; with one for a credential, only those are expected.

    Values of credentials under these names may have another form than ClearPay's.
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
    connection_timeout: str = ""
    """Name of the connect timeout; default: `connection_timeout` or `connect_timeout`."""
    read_timeout: str = ""
    """Name of the read timeout; default: `read_timeout`."""
    max_retries: str = ""
    """Name of the number of retries; default: `max_retries`."""
    supported_currencies: str = ""
    """Name of the list of currencies; default: `supported_currencies`."""
    default_currency: str = ""
    """Name of the default currency; default: `default_currency`."""
    verify_signatures: str = ""
    """Name of the switch of the verification of webhooks; default: `verify_signatures`."""
    signature_header: str = ""
    """Name of the setting with the header of signatures; default: `signature_header`."""
    tolerance_seconds: str = ""
    """Name of the tolerance of webhooks, in seconds; default: `tolerance_seconds`."""


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
