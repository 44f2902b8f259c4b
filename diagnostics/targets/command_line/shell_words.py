"""Words of a command line, quoted for a POSIX shell, without the secrets in them.

A secret is replaced by a variable, as in `postgresql://app:"${TARGET_PASSWORD:?set it to ...}"@db/payments`.
The shell expands it to the original word, and does not run the command while the variable is not set.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from kb.text.quoting import shell_quoted
from kb.text.sanitize import mask_secrets

_SECRET_PARAMETERS: Final = frozenset({"password", "sslpassword"})
"""Parameters of libpq's URLs whose values are secrets."""
_AUTHORITY: Final = re.compile(r"[^/?#]*")
_NOT_A_NAME: Final = re.compile(r"[^A-Z0-9]+")
_NOT_IN_A_MESSAGE: Final = re.compile(r"[^A-Za-z0-9 ,._-]+")


class Piece(NamedTuple):
    """Part of a word; a part with a variable is a secret."""

    text: str
    variable: str = ""
    meaning: str = ""
    """Description of the value that the variable must have."""


def shell_word(text: str, name: str, *, prefix: str = "", secrets: Collection[str] = ()) -> str:
    """Return the word `prefix` + `text`, quoted; passwords of a URL in `text` are replaced by variables.

    If the rest contains one of `secrets`, text that looks like a secret or a control character, a variable
    replaces the whole text. Names of variables begin with `name`, the option.
    """
    pieces = list(_pieces(text, name))
    if not _is_printable(prefix, pieces, secrets):
        pieces = [Piece(text, _variable(name), f"the value of {name}")]
    return _quoted([Piece(prefix), *pieces])


def explain_command(entry: str, kb: tuple[str, ...] = ()) -> str:
    """Return the command that prints the page of an entry; `kb` are the folders of a team's own entries."""
    return f"clearpay-doctor explain {shell_quoted(entry)} {kb_options(kb)}".rstrip()


def kb_options(kb: tuple[str, ...]) -> str:
    """Return the options that name folders of a team's own entries; empty without one."""
    return " ".join(f"--kb {shell_word(str(Path(folder).absolute()), 'kb')}" for folder in kb)


def _is_printable(prefix: str, pieces: list[Piece], secrets: Collection[str]) -> bool:
    """Return True if the parts without a variable may be printed."""
    printed = "".join("<password>" if piece.variable else piece.text for piece in pieces)
    values: dict[str, str] = {}
    unique = all(
        values.setdefault(piece.variable, piece.text) == piece.text for piece in pieces if piece.variable
    )
    return (
        unique
        and printed.isprintable()
        and mask_secrets(f"{prefix}{printed}") == f"{prefix}{printed}"
        and not any(secret in printed for secret in secrets)
    )


def _pieces(text: str, name: str) -> Iterator[Piece]:
    """Yield the parts of a URL; a text that is not a URL is one part."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        yield Piece(text)
        return
    end = _end_of_userinfo(rest)
    role, colon, password = rest[:end].partition(":")
    yield Piece(f"{scheme}://{role}{colon}")
    if password:
        yield Piece(
            password, _variable(f"{name}_password"), "the password of the URL, as it is written there"
        )
    address, question_mark, query = rest[end:].partition("?")
    yield Piece(f"{address}{question_mark}")
    if question_mark:
        yield from _query_pieces(query, name)


def _end_of_userinfo(rest: str) -> int:
    """Return the position of the @ after `role:password` in a URL without its scheme; 0 without one.

    For libpq it is the first @ if no / precedes it, for urllib the last one before the path. A password in
    which @ is not encoded contains the former.
    """
    first = rest.find("@")
    if "/" in rest[: max(first, 0)]:
        first = -1
    authority = _AUTHORITY.match(rest)
    return max(0, first, authority[0].rfind("@") if authority else -1)


def _query_pieces(query: str, name: str) -> Iterator[Piece]:
    """Yield the parts of a query; parameters that are secrets by name or by form have a variable."""
    for number, parameter in enumerate(query.split("&")):
        key, equals, value = parameter.partition("=")
        yield Piece(f"{'&' if number else ''}{key}{equals}")
        hidden = key in _SECRET_PARAMETERS or mask_secrets(f"?{parameter}") != f"?{parameter}"
        if value and hidden:
            yield Piece(value, _variable(f"{name}_{key}"), f"the value of {key} as it is written in the URL")
        else:
            yield Piece(value)


def _variable(text: str) -> str:
    return _NOT_A_NAME.sub("_", text.upper()).strip("_")


def _quoted(pieces: list[Piece]) -> str:
    """Return the parts as one word; literal neighbours are quoted together."""
    words, literal = [], ""
    for piece in pieces:
        if piece.variable:
            words += [shell_quoted(literal)] if literal else []
            meaning = _NOT_IN_A_MESSAGE.sub("", piece.meaning)
            words.append(f'"${{{piece.variable}:?set it to {meaning}}}"')
            literal = ""
        else:
            literal += piece.text
    return "".join([*words, *([shell_quoted(literal)] if literal or not words else [])])
