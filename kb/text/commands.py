"""Placeholders in commands: their replacement by values quoted for the language of the command."""

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

from kb.text.quoting import (
    python_literal,
    shell_quoted,
    sql_identifier,
    sql_identifier_part,
    sql_literal_part,
    url_part,
)
from kb.text.shell_syntax import plain_positions

Language = Literal["shell", "sql", "python"]

COMMANDS: Final = frozenset(
    {"start_database", "restart_database", "restart_application", "renew_certificate"}
)
"""Placeholders for whole commands of the team, which are put into shell commands unquoted."""
TARGET_OPTIONS: Final = "target_options"
"""Name of the value that replaces `--target <target>`: the options that name the target again, quoted."""

PLACEHOLDER: Final = re.compile(r"<([a-z][a-z_]*)>")
_SQL_COMMAND: Final = re.compile(
    r"(?:SELECT|SHOW|ALTER|GRANT|REVOKE|UPDATE|INSERT|DELETE|CREATE|DROP|EXPLAIN|ANALYZE|VACUUM|SET|BEGIN|"
    r"PAUSE|RESUME|RELOAD|RECONNECT|ENABLE|DISABLE|KILL|local|host|hostssl|hostnossl)\b"
)
"""First word of a statement of SQL or of PgBouncer's console, or of a line of pg_hba.conf."""
_SQL_TOKENS: Final = re.compile(
    r"""--[^\n]*|/\*.*?\*/|[Ee]?'(?:[^']|'')*'|"(?:[^"]|"")*"|<[a-z][a-z_]*>""", re.DOTALL
)
_WHITE_SPACE: Final = " \t\n"
_LONG_OPTION: Final = re.compile(r"(?:^|\s)--[a-z][a-z-]* $")


def language_of(command: str) -> Language:
    """Return the language of a command in prose: SQL by its first word, otherwise the shell's."""
    return "sql" if _SQL_COMMAND.match(command) else "shell"


def fill_command(command: str, language: Language, values: Mapping[str, str]) -> str:
    """Replace the placeholders of a command by values quoted for its language.

    A placeholder stays if it has no value, or is where no quoting makes a value safe: between quotes of a
    shell, or with a dollar sign beside a dollar-quoted constant of SQL.
    """
    return _FILL[language](command, values)


def _fill_shell(command: str, values: Mapping[str, str]) -> str:
    plain = plain_positions(command) if PLACEHOLDER.search(command) else set()
    parts: list[str] = []
    position = 0
    for match in PLACEHOLDER.finditer(command):
        parts.append(command[position : match.start()])
        position = match.end()
        value = values.get(match[1], "")
        if not value or match.start() not in plain:
            parts.append(match[0])
        elif match[1] in COMMANDS:
            parts.append(value)
        else:
            _append_word(parts, match, values)
    return "".join([*parts, command[position:]])


def _append_word(parts: list[str], match: re.Match[str], values: Mapping[str, str]) -> None:
    """Append the value of a placeholder as a word, or as a part of one, to the parts of a shell command."""
    value, before = values[match[1]], parts[-1]
    if match[1] == "target" and before.endswith("--target ") and values.get(TARGET_OPTIONS):
        parts[-1] = before.removesuffix("--target ")
        parts.append(values[TARGET_OPTIONS])
    elif value.startswith("-") and _LONG_OPTION.search(before):
        parts[-1] = f"{before[:-1]}="  # a word of its own would be taken for the next option
        parts.append(shell_quoted(value))
    else:
        parts.append(quoted_word(match, value))


def quoted_word(match: re.Match[str], value: str) -> str:
    """Return a value for a placeholder as a word of a shell; within a URL, as a part of that URL."""
    start = 1 + max(match.string.rfind(space, 0, match.start()) for space in _WHITE_SPACE)
    return url_part(value) if "://" in match.string[start : match.start()] else shell_quoted(value)


def _fill_sql(command: str, values: Mapping[str, str]) -> str:
    """Quote values for SQL: as identifiers, or for the quotes that the placeholder is in.

    Source: PostgreSQL documentation, 4.1 Lexical Structure.
    """
    if "$" in command:  # a value with a dollar sign could end a dollar-quoted constant
        values = {name: value for name, value in values.items() if "$" not in value}
    return _SQL_TOKENS.sub(lambda token: _sql_token(token[0], values), command)


def _sql_token(token: str, values: Mapping[str, str]) -> str:
    if token.startswith("<"):
        return _replace(token, values, sql_identifier)
    if token.startswith('"'):
        return _replace(token, values, sql_identifier_part)
    if token.startswith("--"):
        return _replace(token, values, str)  # a value has no line break, which alone ends the comment
    if token.endswith("'"):
        escapes = token[0] in "Ee"
        return _replace(token, values, lambda value: sql_literal_part(value, escapes=escapes))
    return token


def _fill_python(command: str, values: Mapping[str, str]) -> str:
    return _replace(command, values, python_literal)


def _replace(text: str, values: Mapping[str, str], quoted: Callable[[str], str]) -> str:
    return PLACEHOLDER.sub(lambda match: quoted(values[match[1]]) if values.get(match[1]) else match[0], text)


_FILL: Final[Mapping[Language, Callable[[str, Mapping[str, str]], str]]] = {
    "shell": _fill_shell,
    "sql": _fill_sql,
    "python": _fill_python,
}
