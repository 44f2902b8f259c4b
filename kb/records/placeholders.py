"""Placeholders in fixes: a closed list, and values that are quoted for the kind of step."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from kb.records.models import FixStep, StepKind

PLACEHOLDERS: Final[Mapping[str, str]] = {
    "target": "the name of the examined target",
    "host": "the database server's host name or address",
    "port": "the database server's port",
    "database": "the database's name",
    "role": "the role that the application logs in with",
    "application_name": "what the sessions of the application's pool call themselves",
    "secret_name": "the name of the secret that the rotation writes",
    "region": "the AWS region of that secret",
    "password_file": "the file that the application reads its password from",
    "api_url": "the address of the API as the application calls it",
    "api_host": "the API's host name or address",
    "api_port": "the API's port",
    "ca_file": "the file of the authorities that the application trusts",
    "api_key_file": "the file that the application reads its API key from",
    "token_file": "the file that the application reads its token from",
    "credentials_file": "the configuration file with the keys of the API",
    "network_file": "the configuration file with timeouts and retries",
    "currency_file": "the configuration file with currencies and amounts",
    "webhook_file": "the configuration file of webhooks",
    "logging_file": "the configuration file of logging",
    "webhook_url": "the address of the receiver of webhooks",
    "service_url": "the address at which the service says that it is well",
    "start_database": "the command that starts the database server",
    "restart_database": "the command that restarts the database server",
    "restart_application": "the command that restarts or redeploys the application",
    "renew_certificate": "the command that renews and installs the API's certificate",
    "env_file": "the file of the variables that the application starts with",
}
"""Every name that may stand in angle brackets in a fix, and what it means."""

COMMANDS: Final = frozenset(
    {"start_database", "restart_database", "restart_application", "renew_certificate"}
)
"""Placeholders that are whole commands of the team: a shell runs them as they are."""

_HOLE: Final = re.compile(r"<([a-z][a-z_]*)>")
_SQL_PARTS: Final = re.compile(r"""--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|<[a-z][a-z_]*>""")
_IN_QUOTES: Final = re.compile(r"""["']<([a-z][a-z_]*)>|<([a-z][a-z_]*)>["']""")


def holes(text: str) -> tuple[str, ...]:
    """Return the names in angle brackets, each once, in the order in which they appear."""
    return tuple(dict.fromkeys(_HOLE.findall(text)))


def holes_in_quotes(step: FixStep) -> tuple[str, ...]:
    """Return the placeholders that stand in quotes where the value brings its own: a mistake in a record."""
    if step.kind not in ("shell", "python"):
        return ()
    return tuple(dict.fromkeys(first or last for first, last in _IN_QUOTES.findall(step.code)))


def fill(step: FixStep, values: Mapping[str, str]) -> FixStep:
    """Put values into a step, quoted for its kind; a placeholder without a value stays.

    Raises ValueError for a value with a line break, a NUL or another character that cannot be shown.
    """
    _refuse_unsafe(values)
    put = _PUT[step.kind]
    code, undo = put(step.code, values), put(step.undo, values)
    return replace(step, code=code, undo=undo, title=fill_text(step.title, values))


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Put values into prose as they are; it is read, never run. Raises ValueError as `fill` does."""
    _refuse_unsafe(values)
    return _put_plain(text, values)


def _refuse_unsafe(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if not value.isprintable():
            raise ValueError(f"<{name}>: {value!r} has a character that no command may contain")


def _put(text: str, values: Mapping[str, str], quote: Callable[[str], str]) -> str:
    return _HOLE.sub(lambda hole: quote(values[hole[1]]) if values.get(hole[1]) else hole[0], text)


def _put_plain(text: str, values: Mapping[str, str]) -> str:
    return _put(text, values, str)


def _put_python(text: str, values: Mapping[str, str]) -> str:
    return _put(text, values, repr)


def _put_shell(text: str, values: Mapping[str, str]) -> str:
    commands = {name: value for name, value in values.items() if name in COMMANDS}
    quoted = {name: shlex.quote(value) for name, value in values.items() if value and name not in COMMANDS}
    return _put_plain(text, {**quoted, **commands})


def _put_sql(text: str, values: Mapping[str, str]) -> str:
    """Quote for SQL (PostgreSQL, Lexical Structure): bare holes are identifiers, others fit their quotes."""
    if "$" in text:
        dollars = [name for name, value in values.items() if "$" in value and name in holes(text)]
        if dollars:
            raise ValueError(f"<{dollars[0]}>: its value could end a dollar-quoted text")
    return _SQL_PARTS.sub(lambda part: _put_sql_part(part[0], values), text)


def _put_sql_part(part: str, values: Mapping[str, str]) -> str:
    quote = part[0] if part[0] in "\"'" else ""
    if quote:
        return _put(part, values, lambda value: value.replace(quote, quote * 2))
    if part.startswith("--"):
        return _put_plain(part, values)
    return _put(part, values, lambda value: '"' + value.replace('"', '""') + '"')


_PUT: Final[Mapping[StepKind, Callable[[str, Mapping[str, str]], str]]] = {
    "sql": _put_sql,
    "python": _put_python,
    "shell": _put_shell,
    "manual": _put_plain,
}
