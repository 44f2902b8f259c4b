"""Check of a target's secrets before a run: one that is evidently something else ends the command."""

from collections.abc import Iterable, Iterator

from diagnostics.errors import CannotTell
from diagnostics.targets.secrets.form import form_problem
from diagnostics.targets.secrets.resolver import from_environment, from_file
from diagnostics.targets.settings import Secret, SecretRef
from diagnostics.targets.target import Target
from diagnostics.targets.validation import secrets_of
from kb.parsers.plain_file import expanded
from kb.records.errors import InvalidRecord

URL_OF = {"secrets.database": "database", "secrets.monitor": "monitor", "secrets.pooler": "pooler.admin"}
"""URL that may have the password itself, by the key of the secret."""


def require_secrets(targets: Iterable[Target]) -> None:
    """Raise InvalidRecord if a secret of the environment, a file or the target file cannot be one.

    A secret that cannot be read is left to the probe that needs it, and so are those of commands and AWS.
    """
    if problems := [problem for target in targets for problem in _problems(target)]:
        raise InvalidRecord(problems)


def _problems(target: Target) -> Iterator[str]:
    if target.blocked:  # its secrets are not used
        return
    place = f"{target.file.name}: " if target.file else ""
    for key, secret in secrets_of(target.settings).items():
        try:
            found = form_problem(_value(secret, key, target))
        except CannotTell:
            continue
        if found:
            where = f"{place}target.{target.name}.{key}: {_place_of(secret)}"
            yield f"{where} is {found}, not a secret{_hint(key, secret, found)}"


def _value(secret: Secret, key: str, target: Target) -> str:
    """Return the value. Raises CannotTell if it cannot be read, or not from here."""
    if isinstance(secret, str):
        return secret
    if secret and secret.env:
        return from_environment(secret.env, key)
    if secret and secret.file and (target.folder / expanded(secret.file)).is_file():
        return from_file(target.folder, secret.file, key)
    raise CannotTell(f"{key} is not read here")


def _place_of(secret: Secret) -> str:
    return secret.describe() if isinstance(secret, SecretRef) else "the value"


def _hint(key: str, secret: Secret, found: str) -> str:
    url = URL_OF.get(key)
    if found != "a URL" or not url:
        return ""
    if isinstance(secret, SecretRef) and secret.env:
        return f'; write {url} = {{ env = "{secret.env}" }} and leave {key} out'
    return f"; write it as {url} and leave {key} out"
