"""Typed signs in a text: SQLSTATE, exception class, errno, TLS verify code, HTTP status, error type.

One pass over the words, with a look at what stands before each: easy to say again in another language.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kb.text.log_prefixes import bare
from kb.text.sign_names import (
    ASYNCPG,
    DRIVERS,
    ERRNO_NAMES,
    ERRNO_NUMBERS,
    ERRNO_TEXTS,
    SQLSTATE_CLASSES,
    SQLSTATES,
    VERIFY_CODES,
)

SIGN_KINDS: Final = ("sqlstate", "exception", "errno", "verify_code", "http_status", "error_type")

_WORD: Final = re.compile(r"[A-Za-z_][\w.]*|\d\w*", re.ASCII)
_CODE_LENGTH: Final = 5
_BEFORE: Final = 24
"""Characters before a value that are looked at."""
_VERIFY_FAILED: Final = "certificate verify failed: "
_NAMES_TYPE: Final = ("error", "error_code", "error_type", "error.type", 'error": {"type')
"""What stands before the type of an error, in headers, log lines and bodies of answers."""
_NAMES_STATUS: Final = ("http/1.0", "http/1.1", "http/2", "http/2.0", "http", "response", "error code",
    "status", "status_code", "status code", "statuscode", "response code", "response-code",
    "http code", "error", "answers", "answered", "returns", "returning", " get", "gets", "getting", " got",
    "receives", "received", "receive a", "receiving a", "return a", "returns a", "returned a", "returning a",
    " get a", "gets a", "getting a", " got a", "with a")  # fmt: skip
"""What stands before the status of an answer; a dash or a bracket may stand between."""
_REASONS: Final = ("client error:", "server error:", "unauthorized", "forbidden", "too many requests",
    "bad gateway", "service unavailable", "gateway time", "error", "response", "status",
    "answer")  # fmt: skip
"""What stands behind it."""
_AFTER: Final = 24
"""Characters behind a status that are looked at."""
_SEPARATES: Final = " :,-()\"'"
_SIGNED: Final = " -=:\"'"
"""Node prints `errno: -111`."""
_NAMES_CODE: Final = ("except ", "raise ", "import ", "from ", "class ", "File ")
"""Beginnings of lines of source: a class that is named there was not raised there."""


class Sign(NamedTuple):
    """One typed sign and the line, counted from 1, that shows it."""

    kind: str
    value: str
    line: int = 0

    def __str__(self) -> str:
        """Write it as records do: `sqlstate 40P01`."""
        return f"{self.kind} {self.value}"


def parse_sign(text: str) -> Sign:
    """Read a sign of a record, `<kind> <value>`."""
    kind, _, value = text.strip().partition(" ")
    return Sign(kind, value.strip())


def find_signs(lines: Sequence[str]) -> tuple[Sign, ...]:
    """Find the typed signs of a text, each with the first line that shows it."""
    found: dict[tuple[str, str], Sign] = {}
    for number, line in enumerate(lines, 1):
        for kind, value in _in_line(line):
            if (kind, value) not in found:
                found[kind, value] = Sign(kind, value, number)
    return tuple(found.values())


def sqlstate_of(exception: str) -> str:
    """Return the SQLSTATE that a driver's exception class stands for, or nothing."""
    path, _, name = exception.rpartition(".")
    if path and not exception.startswith(DRIVERS):
        return ""
    name = ASYNCPG.get(name, name) if path else name
    return SQLSTATES.get(name) or (SQLSTATES.get(name.removesuffix("Error"), "") if path else "")


def _in_line(line: str) -> Iterator[tuple[str, str]]:
    source = bare(line).lstrip().startswith(_NAMES_CODE)
    for match in _WORD.finditer(line):
        word = match[0].rstrip(".")
        first = word[0]
        if first.isdigit():
            yield from _number(word, line, match.start())
        elif not word.islower():
            if not source:
                yield from _name(word)
            if len(word) == _CODE_LENGTH:
                yield from _sqlstate(word, line, match.start())
        elif "_" in word and _before(line, match.start()).endswith(_NAMES_TYPE):
            yield "error_type", word
    lower = line.lower()
    yield from (("errno", name) for text, name in ERRNO_TEXTS.items() if text in lower)
    if _VERIFY_FAILED in line:
        said = line.partition(_VERIFY_FAILED)[2]
        yield from (("verify_code", code) for text, code in VERIFY_CODES.items() if said.startswith(text))


def _before(line: str, at: int) -> str:
    return line[max(0, at - _BEFORE) : at].rstrip(" \\\"'=:([").lower()


def _name(word: str) -> Iterator[tuple[str, str]]:
    name = word.rpartition(".")[2]
    if word in ERRNO_NAMES:
        yield "errno", word
    elif name[:1].isupper() and not name.isupper() and ("." in word or _is_exception(name)):
        yield "exception", word
        if code := sqlstate_of(word):
            yield "sqlstate", code


def _is_exception(name: str) -> bool:
    return name.endswith(("Error", "Exception")) or name in SQLSTATES


def _number(word: str, line: str, at: int) -> Iterator[tuple[str, str]]:
    if len(word) == _CODE_LENGTH:
        yield from _sqlstate(word, line, at)
    if not word.isdigit() or len(word) > _CODE_LENGTH:
        return
    status = len(word) == 3 and word[0] in "45"  # noqa: PLR2004  a status has three
    if not status and word not in ERRNO_NUMBERS and "erif" not in line:
        return
    before = _before(line, at)
    if word in ERRNO_NUMBERS and before.rstrip(_SIGNED).endswith(("errno", "error", "winerror")):
        yield "errno", ERRNO_NUMBERS[word]
    elif before.endswith(("verify return code", "verify error:num", "verify_code")):
        yield "verify_code", word
    elif status and _is_status(line, at, before):
        yield "http_status", word


def _is_status(line: str, at: int, before: str) -> bool:
    after = line[at + 3 : at + 3 + _AFTER].lstrip(_SEPARATES).lower()
    return after.startswith(_REASONS) or before.endswith(_NAMES_STATUS)


def _sqlstate(word: str, line: str, at: int) -> Iterator[tuple[str, str]]:
    if word[:2] not in SQLSTATE_CLASSES or not word.isalnum() or word.upper() != word:
        return
    before, after = _before(line, at), line[at + _CODE_LENGTH : at + _CODE_LENGTH + 1]
    lettered, quoted = not word.isdigit(), line[at - 1 : at] in ("'", '"')
    named = before.endswith(("sqlstate", "sql state", "pgcode", "sql_state"))
    coded = (lettered or quoted) and before.endswith(("code", "errcode", "'c"))
    verbose = after in (":", ",", "") and before.rstrip(",").endswith(("error", "fatal", "panic"))
    bracketed = lettered and line[at - 1 : at] == "[" and after == "]"
    if named or coded or verbose or bracketed:
        yield "sqlstate", word
