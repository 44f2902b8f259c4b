"""Settings of secrets: references to the places that hold them."""

from dataclasses import dataclass, field
from typing import TypeAlias

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef(Record):
    """Reference to a secret: exactly one of `env`, `file` or `aws`."""

    env: str = ""
    """Environment variable with the secret."""
    file: str = ""
    """File that contains only the secret, relative to the target file."""
    aws: str = ""
    """Name or ARN in AWS Secrets Manager; the field `password` of its JSON is read, or the whole text."""
    region: str = ""
    """AWS region; default: that of the environment or the profile."""
    endpoint: str = ""
    """URL of Secrets Manager, for a VPC endpoint or a lab; default: that of the region."""
    profile: str = ""
    """AWS profile to read the secret with."""
    credentials_file: str = ""
    """File with the AWS credentials to read the secret with; default: those of the shell."""

    def describe(self) -> str:
        """Return the place of the secret, without its value."""
        if self.env:
            return f"environment variable {self.env}"
        return f"file {self.file}" if self.file else f"AWS secret {self.aws}"


Secret: TypeAlias = SecretRef | str | None
"""A secret in plain text in the target file works, with a warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets(Record):
    """Secrets of the application, and of the role that probes read with."""

    database: Secret = field(default=None, repr=False)
    """Password of the application's role in `database`."""
    monitor: Secret = field(default=None, repr=False)
    """Password of the role in `monitor`."""
    pooler: Secret = field(default=None, repr=False)
    """Password of the role in `pooler.admin`."""
    api_key: Secret = field(default=None, repr=False)
    """API key of the application."""
    token: Secret = field(default=None, repr=False)
    """Access token of the application."""
