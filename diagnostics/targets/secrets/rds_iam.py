"""IAM tokens of Amazon RDS: signed requests to connect that the server takes in place of a password.

A token is signed here, without a request to AWS, and is valid for 15 minutes.
Source: Amazon RDS User Guide, "IAM database authentication"; AWS Signature Version 4, query parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from diagnostics.errors import CannotTell
from diagnostics.targets.secrets.aws_client import with_client
from diagnostics.targets.settings import SecretRef


@dataclass(frozen=True, slots=True)
class Login:
    """Server and role that a token is for."""

    host: str
    port: int
    role: str


def token_of(ref: SecretRef, key: str, login: Login, *, folder: Path) -> str:
    """Return a token for a login; `key` names the setting in messages. Raises CannotTell with the remedy."""
    host, _, port = ref.host.rpartition(":") if ref.host else (login.host, "", str(login.port))
    name = f"IAM token of RDS ({key})"
    token: str = with_client(
        "rds",
        ref,
        name,
        folder,
        use=lambda client: client.generate_db_auth_token(
            DBHostname=host, Port=int(port), DBUsername=login.role, Region=ref.region or None
        ),
        error_text=_error_text,
    )
    if "X-Amz-Signature=" not in token:
        raise CannotTell(f"{name} was not signed")
    return token


def _error_text(error: Mapping[str, str], _: SecretRef) -> str:
    return f"cannot be signed: {error.get('Code', 'unknown error')}"
