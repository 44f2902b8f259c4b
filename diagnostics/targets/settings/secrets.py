"""Settings of secrets: references to the places that hold them."""

from dataclasses import dataclass, field
from typing import TypeAlias

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef(Record):
    """Reference to a secret: exactly one of `env`, `file`, `command`, `aws` or `aws_rds_iam`."""

    env: str = ""
    """Environment variable with the secret."""
    file: str = ""
    """File that contains only the secret, relative to the target file."""
    command: tuple[str, ...] = ()
    """Program and arguments whose output is the secret: no shell, at most 10 s, in the file's folder."""
    first_line: bool = False
    """True if only the first line of the command's output is the secret; else one line is expected."""
    aws: str = ""
    """Name or ARN in AWS Secrets Manager; the field `password` of its JSON is read, or the whole text."""
    aws_rds_iam: bool = False
    """True for an IAM token of RDS as the password, signed for host, port and role of the URL."""
    host: str = ""
    """`host:port` that the token is signed for, if the URL has another name or leads through a tunnel."""
    region: str = ""
    """AWS region; default: that of the environment or the profile."""
    endpoint: str = ""
    """URL of Secrets Manager, for a VPC endpoint or a lab; default: that of the region."""
    profile: str = ""
    """AWS profile to read the secret or to sign the token with."""
    credentials_file: str = ""
    """File with the AWS credentials for the secret or the token; default: those of the shell."""

    def describe(self) -> str:
        """Return the place of the secret, without its value."""
        if self.env:
            return f"environment variable {self.env}"
        if self.file:
            return f"file {self.file}"
        if self.command:  # its arguments are not repeated: they may have a secret of their own
            return f"command {self.command[0].rpartition('/')[2]}"
        return "an IAM token of RDS" if self.aws_rds_iam else f"AWS secret {self.aws}"


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
