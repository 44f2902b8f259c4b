"""References become secrets here, at the last moment, and the redactor learns each of them."""

import os
from pathlib import Path

from diagnostics.errors import CannotTell
from diagnostics.redaction import Redactor
from diagnostics.targets.settings import Secret, SecretRef
from diagnostics.targets.target import Target

MAX_BYTES = 64 * 1024
"""Secrets Manager's own limit; a larger file is no secret."""


class SecretStore:
    """Reads the secrets that one target refers to."""

    def __init__(self, target: Target, redactor: Redactor) -> None:
        self._target = target
        self._redactor = redactor

    def read(self, secret: Secret, key: str, *, kind: str = "password") -> str:
        """Resolve a reference; `key` names it in messages. Raises CannotTell where it cannot be read."""
        if secret is None:
            raise CannotTell(f"{key} is not set for target {self._target.name}")
        value = secret if isinstance(secret, str) else self._resolve(secret, key)
        self._redactor.learn(value, kind)
        return value

    def _resolve(self, ref: SecretRef, key: str) -> str:
        if ref.env:
            return self._from_environment(ref.env, key)
        if ref.file:
            return self._from_file(ref.file, key)
        # boto3 costs 150 ms: only a target that keeps its secret there pays for it.
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
            raise CannotTell(f"{key} cannot be read: {path} has over {MAX_BYTES} bytes, so it is no secret")
        return data.decode("utf-8", "replace").rstrip("\r\n")
