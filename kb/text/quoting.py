"""Quoting of values for the text that they are inserted into, one function for each language.

Values are data of a target: names, paths and URLs. Each function returns a text that the language reads as
exactly that value, whatever characters it has. All texts with inserted values are quoted here.
"""

import re
import shlex
from typing import Final
from urllib.parse import quote

_EXPANDED_BY_ZSH: Final = "="
"""Beginning of a word that `shlex` passes as it is and zsh replaces by the path of a command."""
_IPV6: Final = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%.+)?")


def shell_quoted(value: str) -> str:
    """Return a value as one word of a POSIX shell, unchanged if no character of it is special."""
    word = shlex.quote(value)
    return f"'{word}'" if word == value and value.startswith(_EXPANDED_BY_ZSH) else word


def sql_identifier(value: str) -> str:
    """Return a value as a quoted identifier (PostgreSQL documentation, 4.1.1); pg_hba.conf reads it too."""
    return '"' + value.replace('"', '""') + '"'


def sql_literal_part(value: str, *, escapes: bool = False) -> str:
    """Return a value for the inside of a string constant; `escapes` for one that begins with E'."""
    doubled = value.replace("'", "''")
    return doubled.replace("\\", "\\\\") if escapes else doubled


def sql_identifier_part(value: str) -> str:
    """Return a value for the inside of a quoted identifier."""
    return value.replace('"', '""')


def python_literal(value: str) -> str:
    """Return a value as a string literal of Python."""
    return repr(value)


def url_part(value: str) -> str:
    """Return a value as one part of a URL (RFC 3986, 2.1); an IPv6 address gets its brackets."""
    if _IPV6.fullmatch(value):
        return f"[{value.replace('%', '%25')}]"
    return quote(value, safe="")
