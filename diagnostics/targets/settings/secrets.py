"""Where secrets are kept: references, never the secrets themselves."""

from dataclasses import dataclass, field
from typing import TypeAlias

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef(Record):
    """Where a secret is kept: exactly one of `env`, `file` or `aws`."""

    env: str = ""
    """Name of an environment variable."""
    file: str = ""
    """Path of a file that holds nothing else; relative to the target file."""
    aws: str = ""
    """Name or ARN in AWS Secrets Manager; its JSON field `password` is read, or the whole string."""
    region: str = ""
    """The AWS region; default: what the environment says."""
    endpoint: str = ""
    """Another address of Secrets Manager, as a VPC endpoint or a lab has."""
    profile: str = ""
    """The AWS profile that the doctor reads with."""
    credentials_file: str = ""
    """AWS credentials for the doctor itself, where it does not share those of the shell."""

    def describe(self) -> str:
        """Say where the secret is kept; never what it is."""
        if self.env:
            return f"environment variable {self.env}"
        return f"file {self.file}" if self.file else f"AWS secret {self.aws}"


Secret: TypeAlias = SecretRef | str | None
"""A literal string works and is reported as a warning: a file is no place for a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets(Record):
    """What the application itself uses, and what the doctor uses to look."""

    database: Secret = field(default=None, repr=False)
    """The application's password."""
    monitor: Secret = field(default=None, repr=False)
    """The password of the role in `monitor`."""
    api_key: Secret = field(default=None, repr=False)
    """The application's key of the API."""
    token: Secret = field(default=None, repr=False)
    """The token that the application holds."""
