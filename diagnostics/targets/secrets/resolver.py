"""Resolution of secret references, when a probe needs the value; the redactor learns each value."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from diagnostics.errors import CannotTell
from diagnostics.redaction import Redactor
from diagnostics.targets.secrets.form import form_problem
from diagnostics.targets.secrets.rds_iam import Login, token_of
from diagnostics.targets.settings import Secret, SecretRef
from diagnostics.targets.target import Target
from kb.parsers.plain_file import expanded

MAX_BYTES = 64 * 1024
"""Limit of Secrets Manager for a secret; larger files are refused."""


COMMAND_S = 10.0
"""Seconds that a command may take."""


@dataclass(slots=True)
class _Output:
    """Output of one command, or the reason why it has none."""

    lock: Lock = field(default_factory=Lock)
    value: str | None = None
    error: str = ""


class CommandOutputs:
    """Outputs of the commands of one run: probes run side by side, and each command runs once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._outputs: dict[tuple[tuple[str, ...], bool, Path], _Output] = {}

    def read(self, ref: SecretRef, key: str, folder: Path, left: float) -> str:
        """Return the secret that the reference's command prints. Raises CannotTell.

        The command may take the `left` seconds of the probe, but at most COMMAND_S.
        """
        with self._lock:
            output = self._outputs.setdefault((ref.command, ref.first_line, folder), _Output())
        with output.lock:
            if output.error:
                raise CannotTell(output.error)
            if output.value is None:
                output.value = self._run(output, ref, key, folder, left)
            return output.value

    @staticmethod
    def _run(output: _Output, ref: SecretRef, key: str, folder: Path, left: float) -> str:
        from diagnostics.targets.secrets.command_output import output_of  # noqa: PLC0415  few targets have one

        try:
            return output_of(ref, key, folder, min(left, COMMAND_S))
        except CannotTell as error:
            if left >= COMMAND_S:  # a probe with more time may get it
                output.error = str(error)
            raise


class SecretStore:
    """Secrets of one target."""

    def __init__(
        self,
        target: Target,
        redactor: Redactor,
        outputs: CommandOutputs | None = None,
        left: Callable[[], float] = lambda: COMMAND_S,
    ) -> None:
        """Take the outputs of commands that the run has in common, and the seconds that are left."""
        self._target = target
        self._redactor = redactor
        self._outputs = outputs or CommandOutputs()
        self._left = left

    def read(self, secret: Secret, key: str, *, kind: str = "password", login: Login | None = None) -> str:
        """Return the value of a reference; `key` names the setting in messages, `kind` the mask.

        `login` is what an IAM token of RDS is for. Raises CannotTell if the secret is not set, not readable,
        is evidently something else, or stands in a file that is not trusted.
        """
        self.require_trust()
        if secret is None:
            raise CannotTell(f"{key} is not set for target {self._target.name}")
        value = secret if isinstance(secret, str) else self._resolve(secret, key, login)
        self._redactor.learn(value, kind)
        if isinstance(secret, SecretRef) and (problem := form_problem(value)):
            raise CannotTell(f"{key}: {secret.describe()} is {problem}, not a secret")
        return value

    def require_trust(self) -> None:
        """Raise CannotTell if the target stands in a file that the user has not allowed to use secrets."""
        if self._target.blocked:
            raise CannotTell(self._target.blocked)

    def _resolve(self, ref: SecretRef, key: str, login: Login | None) -> str:
        if ref.env:
            return from_environment(ref.env, key)
        if ref.file:
            return from_file(self._target.folder, ref.file, key)
        if ref.command:
            return self._outputs.read(ref, key, self._target.folder, self._left())
        if ref.aws_rds_iam:
            if login is None:
                raise CannotTell(f"{key}: an IAM token of RDS is the password of a database and nothing else")
            return token_of(ref, key, login, folder=self._target.folder)
        # boto3 takes 150 ms to import: only targets with a secret in AWS need it.
        from diagnostics.targets.secrets.aws_secrets_manager import password_of  # noqa: PLC0415

        return password_of(ref, key, folder=self._target.folder)


def from_environment(name: str, key: str) -> str:
    """Return the value of a variable. Raises CannotTell, with the key of the setting, if it is not set."""
    value = os.environ.get(name)
    if value is None:
        raise CannotTell(f"{key} cannot be read: environment variable {name} is not set")
    return value


def from_file(folder: Path, name: str, key: str) -> str:
    """Return the contents of a file without the last line end. Raises CannotTell with the setting's key."""
    path = folder / expanded(name)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CannotTell(f"{key} cannot be read: {error.strerror}: {path}") from None
    if len(data) > MAX_BYTES:
        raise CannotTell(f"{key} cannot be read: {path} is larger than {MAX_BYTES} bytes; not a secret")
    return data.decode("utf-8", "replace").rstrip("\r\n")
