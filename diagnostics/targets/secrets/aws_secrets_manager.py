"""Client of AWS Secrets Manager: values of a secret, its versions and the state of its rotation.

Source: AWS Secrets Manager API Reference, GetSecretValue and DescribeSecret.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from diagnostics.errors import CannotTell
from diagnostics.targets.secrets.aws_client import with_client
from diagnostics.targets.settings import SecretRef
from kb.parsers.json_document import parse_json
from kb.parsers.malformed import Malformed

STAGES = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")
DENIED = {"AccessDeniedException", "AccessDenied", "UnrecognizedClientException", "InvalidClientTokenId"}
EXPIRED = {"ExpiredTokenException", "ExpiredToken", "InvalidSignatureException"}
THROTTLED = {"ThrottlingException", "TooManyRequestsException", "LimitExceededException"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Value:
    """Value of one version of a database secret."""

    password: str = field(repr=False)
    username: str = ""


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions of a secret by their staging labels, and the times of its rotation."""

    labels: Mapping[str, str]
    """Version id by staging label (AWSCURRENT, AWSPENDING, AWSPREVIOUS), for labels that are in use."""
    rotation_enabled: bool
    rotated: datetime | None
    changed: datetime | None

    @property
    def unfinished(self) -> bool:
        """True if a rotation has created a version and not yet made it AWSCURRENT."""
        return self.labels.get("AWSPENDING", "") not in {"", self.labels.get("AWSCURRENT")}


def password_of(ref: SecretRef, key: str, *, folder: Path) -> str:
    """Return the current password. `key` names the setting in messages.

    Raises CannotTell with the remedy.
    """
    return value_of(ref, key, folder=folder).password


def value_of(ref: SecretRef, key: str, *, folder: Path, stage: str = "AWSCURRENT") -> Value:
    """Return the value of the version with the staging label `stage`. Raises CannotTell with the remedy."""
    answer = _request(
        ref, key, folder, lambda client: client.get_secret_value(SecretId=ref.aws, VersionStage=stage)
    )
    text = answer.get("SecretString")
    if not isinstance(text, str):
        raise CannotTell(f"{_name_of(ref, key)} is binary; a password is expected as text or JSON")
    return _parse(text, _name_of(ref, key))


def versions(ref: SecretRef, key: str, *, folder: Path) -> Versions:
    """Return the versions, without reading a value. Raises CannotTell with the remedy."""
    answer = _request(ref, key, folder, lambda client: client.describe_secret(SecretId=ref.aws))
    stages = answer.get("VersionIdsToStages")
    return Versions(
        _labels(stages) if isinstance(stages, Mapping) else {},
        bool(answer.get("RotationEnabled")),
        _time(answer.get("LastRotatedDate")),
        _time(answer.get("LastChangedDate")),
    )


def _labels(stages: Mapping[Any, Any]) -> Mapping[str, str]:
    return {
        label: str(version)
        for version, names in stages.items()
        if isinstance(names, list)
        for label in names
        if isinstance(label, str)
    }


def _time(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _parse(text: str, name: str) -> Value:
    """Parse the JSON that AWS writes for databases; any other text is the password itself."""
    if not text.lstrip().startswith("{"):
        return Value(text)
    try:
        fields = parse_json(text)
    except Malformed:
        raise CannotTell(f"{name} begins like JSON and is not valid JSON") from None
    password = fields.get("password")
    if not isinstance(password, str):
        raise CannotTell(f"{name} has no field `password`; it has: {', '.join(sorted(fields))}")
    return Value(password, str(fields.get("username") or ""))


def _request(ref: SecretRef, key: str, folder: Path, send: Callable[[Any], T]) -> T:
    """Send a request with a new client. Raises CannotTell for every error of botocore."""
    return with_client("secretsmanager", ref, _name_of(ref, key), folder, use=send, error_text=_error_text)


def _name_of(ref: SecretRef, key: str) -> str:
    """Name a secret in messages. With a colon after "secret", the name would be masked as a value."""
    return f"AWS secret {ref.aws} ({key})"


def _error_text(error: Mapping[str, str], ref: SecretRef) -> str:
    code = str(error.get("Code", ""))
    if code == "ResourceNotFoundException":
        region = ref.region or "of the AWS settings"
        return f"or the requested staging label was not found in region {region}; check the region"
    if code in DENIED:
        return f"may not be read: {code}; secretsmanager:GetSecretValue and DescribeSecret are needed"
    if code in EXPIRED:
        return f"cannot be read with these AWS credentials: {code}"
    if code in THROTTLED:
        return "was not read: AWS throttles requests; try again later"
    return f"cannot be read: {code}"
