"""Placeholders in fixes: the list of them, and their replacement by values in commands and prose."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from kb.records.models import FixStep
from kb.text.code_spans import spans
from kb.text.commands import COMMANDS, PLACEHOLDER, fill_command, language_of, quoted_word
from kb.text.markdown import code_span
from kb.text.shell_syntax import plain_positions

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

_IN_QUOTES: Final = re.compile(r"""["']<([a-z][a-z_]*)>|<([a-z][a-z_]*)>["']""")


def placeholders_in(text: str) -> tuple[str, ...]:
    """Return the names in angle brackets, without duplicates, in order of appearance."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(text)))


def quoted_placeholders(step: FixStep) -> tuple[str, ...]:
    """Return the placeholders between quotes of shell and Python code, where no value is inserted."""
    if step.kind == "python":
        return tuple(dict.fromkeys(first or last for first, last in _IN_QUOTES.findall(step.code)))
    shell = [step.code] if step.kind == "shell" else []
    return tuple(dict.fromkeys(name for command in shell for name in unsafe_placeholders(command)))


def unsafe_placeholders(command: str) -> Iterator[str]:
    """Yield the placeholders of a shell command that are between quotes, where no value is inserted."""
    plain = plain_positions(command)
    yield from (match[1] for match in PLACEHOLDER.finditer(command) if match.start() not in plain)


def fill(step: FixStep, values: Mapping[str, str]) -> FixStep:
    """Replace the placeholders of a step by values quoted for its kind; those without a value stay.

    Raises ValueError for a value with a line break or another unprintable character.
    """
    _refuse_unsafe(values)
    code = (
        _fill_prose(step.code, values)
        if step.kind == "manual"
        else fill_command(step.code, step.kind, values)
    )
    return replace(
        step, code=code, undo=_fill_prose(step.undo, values), title=_fill_prose(step.title, values)
    )


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Replace placeholders in prose: in its code spans as in commands, elsewhere as words of a shell.

    Raises ValueError as `fill` does.
    """
    _refuse_unsafe(values)
    return _fill_prose(text, values)


def _refuse_unsafe(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if not value.isprintable():
            raise ValueError(f"<{name}>: {value!r} has a character that no command may contain")


def _fill_prose(text: str, values: Mapping[str, str]) -> str:
    if "<" not in text or not PLACEHOLDER.search(text):
        return text
    return "".join(_fill_parts(text, values))


def _fill_parts(text: str, values: Mapping[str, str]) -> Iterator[str]:
    for part in spans(text):
        if not part.is_code:
            yield _fill_words(part.text, values)
            continue
        command = fill_command(part.text, language_of(part.text), values)
        yield part.source if command == part.text else code_span(command)


def _fill_words(text: str, values: Mapping[str, str]) -> str:
    """Replace placeholders outside of code spans. Backticks of a value cannot begin or end a span."""

    def quoted(match: re.Match[str]) -> str:
        value = values.get(match[1], "")
        if not value:
            return match[0]
        if match[1] in COMMANDS:
            return code_span(value)
        filled = quoted_word(match, value)
        return code_span(filled) if "`" in filled else filled

    return PLACEHOLDER.sub(quoted, text)
