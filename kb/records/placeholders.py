"""Placeholders in fixes: the list of them, and their replacement by values quoted for the kind of step."""

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
    "pooler_admin": "the URL of the pooler's admin console, for a role of admin_users",
    "application_name": "the application_name of the sessions of the application's pool",
    "secret_name": "the name of the secret that the rotation writes",
    "region": "the AWS region of that secret",
    "password_file": "the file that the application reads its password from",
    "api_url": "the URL of the API that the application calls",
    "api_host": "the API's host name or address",
    "api_port": "the API's port",
    "ca_file": "the CA bundle that the application trusts",
    "api_key_file": "the file that the application reads its API key from",
    "token_file": "the file that the application reads its token from",
    "credentials_file": "the configuration file with the API's credentials",
    "network_file": "the configuration file with timeouts and retries",
    "currency_file": "the configuration file with currencies and amounts",
    "webhook_file": "the configuration file of webhooks",
    "logging_file": "the configuration file of logging",
    "webhook_url": "the URL of the receiver of webhooks",
    "service_url": "the URL of the service's health check",
    "service_pid": "the process id of the service: gunicorn's first process, not one of its workers",
    "start_database": "the command that starts the database server",
    "restart_database": "the command that restarts the database server",
    "restart_application": "the command that restarts or redeploys the application",
    "renew_certificate": "the command that renews and installs the API's certificate",
    "env_file": "the file of the environment variables that the application starts with",
}
"""Meaning of each name that a fix may have in angle brackets."""

COMMANDS: Final = frozenset(
    {"start_database", "restart_database", "restart_application", "renew_certificate"}
)
"""Placeholders for whole commands of the team, which are put into shell steps unquoted."""

_PLACEHOLDER: Final = re.compile(r"<([a-z][a-z_]*)>")
_SQL_TOKENS: Final = re.compile(r"""--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|<[a-z][a-z_]*>""")
_IN_QUOTES: Final = re.compile(r"""["']<([a-z][a-z_]*)>|<([a-z][a-z_]*)>["']""")


def placeholders_in(text: str) -> tuple[str, ...]:
    """Return the names in angle brackets, without duplicates, in order of appearance."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def quoted_placeholders(step: FixStep) -> tuple[str, ...]:
    """Return the placeholders between quotes in shell and Python code, where values are quoted anyway."""
    if step.kind not in ("shell", "python"):
        return ()
    return tuple(dict.fromkeys(first or last for first, last in _IN_QUOTES.findall(step.code)))


def fill(step: FixStep, values: Mapping[str, str]) -> FixStep:
    """Replace the placeholders of a step by values quoted for its kind; those without a value stay.

    Raises ValueError for a value with a line break or another unprintable character.
    """
    _refuse_unsafe(values)
    substitute = _SUBSTITUTE[step.kind]
    code, undo = substitute(step.code, values), substitute(step.undo, values)
    return replace(step, code=code, undo=undo, title=fill_text(step.title, values))


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Replace placeholders in prose by unquoted values. Raises ValueError as `fill` does."""
    _refuse_unsafe(values)
    return _substitute_plain(text, values)


def _refuse_unsafe(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if not value.isprintable():
            raise ValueError(f"<{name}>: {value!r} has a character that no command may contain")


def _substitute(text: str, values: Mapping[str, str], quote: Callable[[str], str]) -> str:
    return _PLACEHOLDER.sub(lambda name: quote(values[name[1]]) if values.get(name[1]) else name[0], text)


def _substitute_plain(text: str, values: Mapping[str, str]) -> str:
    return _substitute(text, values, str)


def _substitute_python(text: str, values: Mapping[str, str]) -> str:
    return _substitute(text, values, repr)


def _substitute_shell(text: str, values: Mapping[str, str]) -> str:
    commands = {name: value for name, value in values.items() if name in COMMANDS}
    quoted = {name: shlex.quote(value) for name, value in values.items() if value and name not in COMMANDS}
    return _substitute_plain(text, {**quoted, **commands})


def _substitute_sql(text: str, values: Mapping[str, str]) -> str:
    """Quote values for SQL: as identifiers, or for the quotes that the placeholder is in.

    Source: PostgreSQL documentation, 4.1 Lexical Structure.
    """
    if "$" in text:
        dollars = [name for name, value in values.items() if "$" in value and name in placeholders_in(text)]
        if dollars:
            raise ValueError(f"<{dollars[0]}>: its value could end a dollar-quoted string")
    return _SQL_TOKENS.sub(lambda token: _substitute_sql_token(token[0], values), text)


def _substitute_sql_token(token: str, values: Mapping[str, str]) -> str:
    quote = token[0] if token[0] in "\"'" else ""
    if quote:
        return _substitute(token, values, lambda value: value.replace(quote, quote * 2))
    if token.startswith("--"):
        return _substitute_plain(token, values)
    return _substitute(token, values, lambda value: '"' + value.replace('"', '""') + '"')


_SUBSTITUTE: Final[Mapping[StepKind, Callable[[str, Mapping[str, str]], str]]] = {
    "sql": _substitute_sql,
    "python": _substitute_python,
    "shell": _substitute_shell,
    "manual": _substitute_plain,
}
