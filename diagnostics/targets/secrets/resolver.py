"""Resolution of secret references, when a probe needs the value; the redactor learns each value."""

import os
from pathlib import Path

from diagnostics.errors import CannotTell
from diagnostics.redaction import Redactor
from diagnostics.targets.settings import Secret, SecretRef
from diagnostics.targets.target import Target

MAX_BYTES = 64 * 1024
"""Limit of Secrets Manager for a secret; larger files are refused."""


class SecretStore:
    """Secrets of one target."""

    def __init__(self, target: Target, redactor: Redactor) -> None:
        self._target = target
        self._redactor = redactor

    def read(self, secret: Secret, key: str, *, kind: str = "password") -> str:
        """Return the value of a reference; `key` names the setting in messages, `kind` the mask.

        Raises CannotTell if it is not set, cannot be read, or stands in a file that is not trusted.
        """
        self.require_trust()
        if secret is None:
            raise CannotTell(f"{key} is not set for target {self._target.name}")
        value = secret if isinstance(secret, str) else self._resolve(secret, key)
        self._redactor.learn(value, kind)
        return value

    def require_trust(self) -> None:
        """Raise CannotTell if the target stands in a file that the user has not allowed to use secrets."""
        if self._target.blocked:
            raise CannotTell(self._target.blocked)

    def _resolve(self, ref: SecretRef, key: str) -> str:
        if ref.env:
            return self._from_environment(ref.env, key)
        if ref.file:
            return self._from_file(ref.file, key)
        # boto3 takes 150 ms to import: only targets with a secret in AWS need it.
        from diagnostics.targets.secrets.aws_secrets_manager import password_of  # noqa: PLC0415

        return password_of(ref, key, folder=self._target.folder)

    @staticmethod
    def _from_environment(name: str, key: str) -> str:
        value = os.environ.get(name)
        if value is None:
            raise CannotTell(f"{key} cannot be read: environment variable {name} is not set")
        return value

    def _from_file(self, name: str, key: str) -> str:
        path = self._target.folder / Path(name).expanduser()
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise CannotTell(f"{key} cannot be read: {error.strerror}: {path}") from None
        if len(data) > MAX_BYTES:
            raise CannotTell(f"{key} cannot be read: {path} is larger than {MAX_BYTES} bytes; not a secret")
        return data.decode("utf-8", "replace").rstrip("\r\n")
