"""Typed signs in a text: SQLSTATE, exception class, errno, TLS verify code, HTTP status, error type.

One pass over the words, each with the characters before it: simple enough to port to JavaScript.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kb.text.logs.log_prefixes import strip_prefix
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

SIGN_KINDS: Final = ("sqlstate", "exception", "errno", "verify_code", "http_status", "error_type", "code")
"""Kinds of signs; a `code` is a SQLSTATE that is the whole text, without a message that says more."""

_WORD: Final = re.compile(r"[A-Za-z_][\w.]*|\d\w*", re.ASCII)
_CODE_LENGTH: Final = 5
_BEFORE: Final = 24
"""Characters examined before a value."""
_VERIFY_MARK: Final = "erif"
"""Part of all labels of verify codes; without it in a line, most numbers need no look at their label."""
_VERIFY_FAILED: Final = "certificate verify failed: "
_TYPE_LABELS: Final = ("error", "error_code", "error_type", "error.type", 'error": {"type')
"""Labels before an error type in headers, log lines and response bodies."""
_STATUS_LABELS: Final = ("http/1.0", "http/1.1", "http/2", "http/2.0", "http", "response", "error code",
    "status", "status_code", "status code", "statuscode", "response code", "response-code",
    "http code", "error", "answers", "answered", "returns", "returning", " get", "gets", "getting", " got",
    "receives", "received", "receive a", "receiving a", "return a", "returns a", "returned a", "returning a",
    " get a", "gets a", "getting a", " got a", "with a")  # fmt: skip
"""Labels before an HTTP status; a dash or a bracket may stand between."""
_REASONS: Final = ("client error:", "server error:", "unauthorized", "forbidden", "too many requests",
    "bad gateway", "service unavailable", "gateway time", "error", "response", "status",
    "answer")  # fmt: skip
"""Words after an HTTP status."""
_AFTER: Final = 24
"""Characters examined after an HTTP status."""
_SEPARATORS: Final = " :,-()\"'"
_ERRNO_SEPARATORS: Final = " -=:\"'"
"""Characters between a label and an errno: Node.js prints `errno: -111`."""
_BARE: Final = ("Error", "Exception")
"""Words that name no class when they stand alone: people write them too."""
_PLAIN_CODES: Final = ("25006", "53300", "57014")
"""SQLSTATEs of digits that count without quotes behind `code`: other APIs number their errors so too."""
_DESCRIBES: Final = (
    *("raises", "raise a", "throws", "throw a", "subclass of", "subclasses of", "instance of"),
    *("catch", "catches", "catching", "handles", "handling"),
)
"""Words before a class that is described, and that was not raised."""
_CODE_LABELS: Final = frozenset(
    ("code", "errcode", "error", "pg", "pgcode", "sql", "sql_state", "sqlstate", "state")
)
"""Words that may stand before a SQLSTATE that is the whole text."""
_TEXT_WORD: Final = re.compile(r"\w+")
_MAX_CODE_TEXT: Final = 60
"""Characters of the longest text that is a SQLSTATE alone."""
_SOURCE_STARTS: Final = ("except ", "raise ", "import ", "from ", "class ", "File ")
"""Beginnings of source lines: a class named there was not raised there."""


class Sign(NamedTuple):
    """Typed sign and the number, from 1, of the line that has it."""

    kind: str
    value: str
    line: int = 0

    def __str__(self) -> str:
        """Format the sign as records do: `sqlstate 40P01`."""
        return f"{self.kind} {self.value}"


def parse_sign(text: str) -> Sign:
    """Parse a record's sign, `<kind> <value>`."""
    kind, _, value = text.strip().partition(" ")
    return Sign(kind, value.strip())


def find_signs(lines: Sequence[str]) -> tuple[Sign, ...]:
    """Find the typed signs of a text, each with the first line that has it."""
    signs: dict[tuple[str, str], Sign] = {}
    is_code = code_alone(lines) != ""
    for number, line in enumerate(lines, 1):
        for kind, value in _code_signs(line) if is_code else _signs_in(line):
            if (kind, value) not in signs:
                signs[kind, value] = Sign(kind, value, number)
    return tuple(signs.values())


def sqlstate_of(exception: str) -> str:
    """Return the SQLSTATE that a driver's exception class stands for, or an empty text."""
    path, _, name = exception.rpartition(".")
    if path and not exception.startswith(DRIVERS):
        return ""
    name = ASYNCPG.get(name, name) if path else name
    return SQLSTATES.get(name) or (SQLSTATES.get(name.removesuffix("Error"), "") if path else "")


def code_alone(lines: Sequence[str]) -> str:
    """Return the SQLSTATE that is the whole text, or an empty text: `57014`, `SQLSTATE[40P01]`."""
    if sum(map(len, lines)) > _MAX_CODE_TEXT:
        return ""
    *labels, code = _TEXT_WORD.findall(" ".join(lines)) or [""]
    is_code = len(code) == _CODE_LENGTH and code[:2] in SQLSTATE_CLASSES and _is_code_word(code)
    return code if is_code and all(label.lower() in _CODE_LABELS for label in labels) else ""


def _is_code_word(word: str) -> bool:
    return word.isascii() and word.isalnum() and word.upper() == word


def _code_signs(line: str) -> Iterator[tuple[str, str]]:
    """Yield the signs of a line of a text that is a SQLSTATE alone."""
    for code in _TEXT_WORD.findall(line)[-1:]:
        yield "sqlstate", code
        yield "code", code


def _signs_in(line: str) -> Iterator[tuple[str, str]]:
    is_source = strip_prefix(line).lstrip().startswith(_SOURCE_STARTS)
    verifies = _VERIFY_MARK in line  # looked for once: a line may be long, and have many numbers
    for match in _WORD.finditer(line):
        word = match[0].rstrip(".")
        first = word[0]
        if first.isdigit():
            yield from _number_signs(word, line, match.start(), verifies=verifies)
        elif not word.islower():
            if not is_source and not _before(line, match.start()).endswith(_DESCRIBES):
                yield from _name_signs(word)
            if len(word) == _CODE_LENGTH:
                yield from _sqlstate_signs(word, line, match.start())
        elif "_" in word and _before(line, match.start()).endswith(_TYPE_LABELS):
            yield "error_type", word
    lower = line.lower()
    yield from (("errno", name) for text, name in ERRNO_TEXTS.items() if text in lower)
    if _VERIFY_FAILED in line:
        reason = line.partition(_VERIFY_FAILED)[2]
        yield from (("verify_code", code) for text, code in VERIFY_CODES.items() if reason.startswith(text))


def _before(line: str, at: int) -> str:
    """Return the label before a value: lower case, without quotes, brackets and separators at its end."""
    return line[max(0, at - _BEFORE) : at].rstrip(" \\\"'=:([").lower()


def _name_signs(word: str) -> Iterator[tuple[str, str]]:
    name = word.rpartition(".")[2]
    if word in ERRNO_NAMES:
        yield "errno", word
    elif name[:1].isupper() and not name.isupper() and ("." in word or _is_exception(name)):
        yield "exception", word
        if code := sqlstate_of(word):
            yield "sqlstate", code


def _is_exception(name: str) -> bool:
    return name in SQLSTATES or (name.endswith(("Error", "Exception")) and name not in _BARE)


def _number_signs(word: str, line: str, at: int, *, verifies: bool) -> Iterator[tuple[str, str]]:
    if len(word) == _CODE_LENGTH:
        yield from _sqlstate_signs(word, line, at)
    if not word.isdigit() or len(word) > _CODE_LENGTH:
        return
    is_error_status = len(word) == 3 and word[0] in "45"  # noqa: PLR2004  HTTP 4xx and 5xx
    if not is_error_status and word not in ERRNO_NUMBERS and not verifies:
        return
    before = _before(line, at)
    if word in ERRNO_NUMBERS and before.rstrip(_ERRNO_SEPARATORS).endswith(("errno", "error", "winerror")):
        yield "errno", ERRNO_NUMBERS[word]
    elif before.endswith(("verify return code", "verify error:num", "verify_code")):
        yield "verify_code", word
    elif is_error_status and _is_status(line, at, before):
        yield "http_status", word


def _is_status(line: str, at: int, before: str) -> bool:
    after = line[at + 3 : at + 3 + _AFTER].lstrip(_SEPARATORS).lower()
    return after.startswith(_REASONS) or before.endswith(_STATUS_LABELS)


def _sqlstate_signs(word: str, line: str, at: int) -> Iterator[tuple[str, str]]:
    if word[:2] not in SQLSTATE_CLASSES or not word.isalnum() or word.upper() != word:
        return
    before, after = _before(line, at), line[at + _CODE_LENGTH : at + _CODE_LENGTH + 1]
    lettered, quoted = not word.isdigit(), line[at - 1 : at] in ("'", '"')
    named = before.endswith(("sqlstate", "sql state", "pgcode", "sql_state"))
    coded = (lettered or quoted or word in _PLAIN_CODES) and before.endswith(("code", "errcode", "'c"))
    verbose = after in (":", ",", "") and before.rstrip(",").endswith(("error", "fatal", "panic"))
    bracketed = lettered and line[at - 1 : at] == "[" and after == "]"
    if named or coded or verbose or bracketed:
        yield "sqlstate", word
