"""AWS Secrets Manager: the secret that a reference names, and what its rotation came to.

boto3 costs 150 ms to import and is an extra: it is imported here, inside functions, and nowhere else.
Source: AWS Secrets Manager API Reference, GetSecretValue and DescribeSecret.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from diagnostics.errors import CannotTell
from diagnostics.targets.settings import SecretRef

STAGES = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")
CONNECT_S = 2
READ_S = 3
ATTEMPTS = 2
DENIED = {"AccessDeniedException", "AccessDenied", "UnrecognizedClientException", "InvalidClientTokenId"}
EXPIRED = {"ExpiredTokenException", "ExpiredToken", "InvalidSignatureException"}
THROTTLED = {"ThrottlingException", "TooManyRequestsException", "LimitExceededException"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Value:
    """One version of a database's secret."""

    password: str = field(repr=False)
    username: str = ""


@dataclass(frozen=True, slots=True)
class Versions:
    """Which version carries which label, and when the rotation last did something."""

    labels: Mapping[str, str]
    """Version id by label: AWSCURRENT, AWSPENDING, AWSPREVIOUS; absent where no version carries it."""
    rotation_enabled: bool
    rotated: datetime | None
    changed: datetime | None

    @property
    def unfinished(self) -> bool:
        """Whether a rotation has begun and not moved AWSCURRENT."""
        return self.labels.get("AWSPENDING", "") not in {"", self.labels.get("AWSCURRENT")}


def password_of(ref: SecretRef, key: str, *, folder: Path) -> str:
    """The current password. Raises CannotTell with what to do about it; `key` names the setting."""
    return value_of(ref, key, folder=folder).password


def value_of(ref: SecretRef, key: str, *, folder: Path, stage: str = "AWSCURRENT") -> Value:
    """Read the version that carries a label. Raises CannotTell with what to do about it."""
    answer = _asking(
        ref, key, folder, lambda client: client.get_secret_value(SecretId=ref.aws, VersionStage=stage)
    )
    text = answer.get("SecretString")
    if not isinstance(text, str):
        raise CannotTell(f"{_named(ref, key)} is binary; a password is expected as text or JSON")
    return _parse(text, _named(ref, key))


def versions(ref: SecretRef, key: str, *, folder: Path) -> Versions:
    """Read which versions there are; no value is read. Raises CannotTell with what to do about it."""
    answer = _asking(ref, key, folder, lambda client: client.describe_secret(SecretId=ref.aws))
    stages: Mapping[str, list[str]] = answer.get("VersionIdsToStages") or {}
    labels = {label: version for version, carried in stages.items() for label in carried}
    return Versions(
        labels,
        bool(answer.get("RotationEnabled")),
        answer.get("LastRotatedDate"),
        answer.get("LastChangedDate"),
    )


def _parse(text: str, what: str) -> Value:
    """Read the JSON that AWS writes for databases; any other text is the password itself."""
    if not text.lstrip().startswith("{"):
        return Value(text)
    try:
        found = json.loads(text)
    except ValueError:
        raise CannotTell(f"{what} begins like JSON and is none") from None
    password = found.get("password")
    if not isinstance(password, str):
        raise CannotTell(f"{what} has no field `password`; it has: {', '.join(sorted(found))}")
    return Value(password, str(found.get("username") or ""))


def _asking(ref: SecretRef, key: str, folder: Path, ask: Callable[[Any], T]) -> T:
    """Ask, and turn whatever botocore raises into a sentence."""
    what = _named(ref, key)
    try:
        from botocore import exceptions  # noqa: PLC0415  see the module's first lines
    except ModuleNotFoundError:
        raise CannotTell(f"{what} needs boto3: pip install 'clearpay-doctor[aws]'") from None
    try:
        return ask(_client(ref, folder))
    except exceptions.ClientError as error:
        raise CannotTell(f"{what} {_refusal(error.response.get('Error', {}), ref)}") from None
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError):
        raise CannotTell(f"{what}: no AWS credentials were found") from None
    except exceptions.NoRegionError:
        raise CannotTell(f"{what}: no region is set; add `region` beside `aws`") from None
    except (exceptions.HTTPClientError, exceptions.ConnectionError) as error:
        raise CannotTell(f"{what}: Secrets Manager is not reachable ({type(error).__name__})") from None
    except (exceptions.BotoCoreError, ValueError) as error:
        raise CannotTell(f"{what}: {error}") from None


def _named(ref: SecretRef, key: str) -> str:
    """Name a secret. A colon right behind the word would make what follows look like one."""
    return f"AWS secret {ref.aws} ({key})"


def _refusal(error: Mapping[str, str], ref: SecretRef) -> str:
    code = error.get("Code", "")
    if code == "ResourceNotFoundException":
        region = ref.region or "of the AWS settings"
        return f"or the label asked for is not found in region {region}; is the region right?"
    if code in DENIED:
        return f"may not be read: {code}; secretsmanager:GetSecretValue and DescribeSecret are needed"
    if code in EXPIRED:
        return f"cannot be read with these AWS credentials: {code}"
    if code in THROTTLED:
        return "was not read: AWS throttles requests; try again later"
    return f"cannot be read: {code}"


def _client(ref: SecretRef, folder: Path) -> Any:
    import botocore.session  # noqa: PLC0415  see the module's first lines
    from botocore.config import Config  # noqa: PLC0415

    # A session of its own each time: credentials may have been renewed since the last one.
    session = botocore.session.Session()
    if ref.credentials_file:
        session.set_config_variable("credentials_file", str(folder / Path(ref.credentials_file).expanduser()))
    if ref.profile or ref.credentials_file:
        # A profile that is named takes precedence over keys in the environment.
        session.set_config_variable("profile", ref.profile or "default")
    session.register_component("data_loader", _models(session.get_config_variable("data_path") or ""))
    config = Config(
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        # An address that was named is meant: no proxy stands between.
        proxies={} if ref.endpoint else None,
    )
    return session.create_client(
        "secretsmanager",
        region_name=ref.region or None,
        endpoint_url=ref.endpoint or None,
        config=config,
    )


@cache
def _models(path: str) -> Any:
    """What botocore knows of the service; it is the same for every session, and slow to read."""
    from botocore.loaders import create_loader  # noqa: PLC0415  see the module's first lines

    return create_loader(path)
