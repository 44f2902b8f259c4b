"""Names whose values are secrets, and the signs between a name and its value."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from kb.text.masking.shapes import lower

_QUOTE: Final = (
    r"""(?:\\{0,7}["'`]|\\{1,3}u002[27]|\\{1,3}x2[27]|\\{0,7}&(?:quot|apos|#39|#34|#x2[27]);|%2[27])"""
)
"""A quotation mark as it is, escaped, in JSON, in HTML or percent-encoded."""
_EQUALS: Final = r"[=-]&gt;|=>|:=|->|={1,3}|:|%3[ad]|\\{1,3}u003[ad]|&#(?:58|61);"
_SEPARATOR: Final = (
    rf"(?:{_QUOTE}|\]){{0,3}}[ \t]{{0,8}}"
    rf"(?P<sep>:[ \t]?&?[a-z][a-z\[\]<>., ]{{0,24}}=(?=[ \t]{{0,4}}[\"'`])|{_EQUALS}|,(?="
    rf"[ \t]{{0,4}}{_QUOTE}))"
    r"(?!//)[ \t]{0,8}"
)
NAME: Final = (
    r"(?:(?P<password>pass(?:words?|wd|phrase|code|wort)|psw?d|pwd|kennwort|senha"
    r"|(?P<short>pass(?!w|p|c)|pw(?!d)))"
    r"|(?P<key>key(?:[_-]?base)?)|(?P<token>token)|(?P<secret>secret(?:[_-]?string)?)"
    r"|(?P<random>auth(?<![a-z]auth)|sess(?:ion)?_?id|connect\.sid)|(?P<query>sig(?:nature)?|code))"
    r"(?:[_.-]?(?:value|old|new|prod|production|staging|stage|dev|test|live|b64|base64|plain|plaintext"
    r"|data|string"
    r"|current|primary|secondary|hash|digest))?\d{0,3}(?:\.\d{1,3}|\[\d{1,3}\])?"
)
"""Words of names whose values are secrets, each beginning with a letter: a search for them is fast."""
_KEY: Final = NAME + _SEPARATOR
"""Matched against the lower-cased text: a pattern that ignores case takes five times as long."""
_NEXT_FIELD: Final = r"(?:(?:[\s,;]|\\{1,3}n){1,60}|[ \t]*\r?\n[^\n]{0,80}?[\s|:>]{1,20})"
"""Between two fields, which may stand in two lines of a log."""
_PAIR: Final = (
    rf"(?<![a-z])(?:parameter)?(?:name|key|label|id|field|variable|header){_QUOTE}?[ \t]{{0,4}}[:=]"
    rf"[ \t]{{0,4}}{_QUOTE}?"
    rf"[\w.:/-]{{0,60}}?(?:(?P<password>pass(?:words?|wd|phrase|code|wort)?|psw?d|pwd|pw)"
    r"|(?P<key>(?:api|private|access|secret|signing|encryption|account|master|auth)[_-]?key)"
    r"|(?P<token>token|authorization)|(?P<secret>secret))"
    rf"(?:_\w{{1,12}}|\d{{1,3}})?{_QUOTE}?{_NEXT_FIELD}(?:{_QUOTE}?type{_QUOTE}?[ \t]{{0,4}}[:=]"
    rf"[ \t]{{0,4}}{_QUOTE}?\w{{1,20}}{_QUOTE}?{_NEXT_FIELD})?"
    rf"{_QUOTE}?(?:parameter)?value{_QUOTE}?[ \t]{{0,4}}(?P<sep>[:=])[ \t]{{0,8}}"
)
"""`name: DB_PASSWORD` and the beginning of `value: ...` after it."""
_KEY_KIND: Final = (
    r"(?:api|private|access|secret|signing|encryption|account|master|auth|subscription|functions|app|storage"
    r"|hmac|shared|license|consumer|service|integration|deploy|stripe|jwt|session)[ _-]?$"
)
"""Text before `key` in the name of a secret; other keys are those of tables and caches."""
_SHORT_KIND: Final = r"(?:db|user|root|store|key|admin|ssh|smtp|ftp|mail)$"
"""Text before `pass` in the name of a secret; other letters make it another word, as `bypass`."""
_LETTER: Final = "[a-z]$"
_QUERY_KIND: Final = r"[?&;](?:x-amz-|x-goog-)?$"
_RESOURCE: Final = r"(?:arn:[\w:/-]*:|existing|pull)$"
"""Text before `secret` in the name of a resource that holds one."""
_API_KEY: Final = r"api[ _-]?$"
_WINDOW: Final = 80
"""Characters examined before a name."""


class Key(NamedTuple):
    """A name and the sign after it; the value follows."""

    kind: str
    """`password`, `token`, `secret` or `key`; `short` for `pass`.

    `random` and `query` are names that mostly have harmless values.
    """
    start: int
    """Position of the word that makes the name that of a secret."""
    end: int
    """Position behind the sign, at which the value begins."""
    separator: str
    before: str
    """Text before the word."""
    text: str
    """The word and the sign, in lower case."""

    @property
    def mask(self) -> str:
        """Name of the mask that replaces the value."""
        if self.kind in {"password", "short"}:
            return "password"
        if self.kind == "key" and re.search(_API_KEY, self.before):
            return "api key"
        return "token" if self.kind == "token" else "secret"


def find_keys(text: str) -> Iterator[Key]:
    """Yield the names of secrets that have a value."""
    return (key for key in _matches(_KEY, text) if _names_a_secret(text, key))


def find_pairs(text: str) -> Iterator[Key]:
    """Yield the names of secrets whose value stands in the field after that of the name."""
    return _matches(_PAIR, text)


def _matches(pattern: str, text: str) -> Iterator[Key]:
    for match in re.finditer(pattern, lower(text)):
        kinds = [name for name, word in match.groupdict().items() if word and name != "sep"]
        before = text[max(0, match.start() - _WINDOW) : match.start()].lower()
        yield Key(kinds[-1], match.start(), match.end(), match["sep"], before, match[0])


def _names_a_secret(text: str, key: Key) -> bool:
    """Return True if the word, with what stands before it, is the name of a secret."""
    if key.kind == "short":
        is_part = bool(re.search(_LETTER, key.before)) and not text[key.start].isupper()
        return not is_part or bool(re.search(_SHORT_KIND, key.before))
    if key.kind == "query":
        return bool(re.search(_QUERY_KIND, key.before))
    if key.kind == "key":
        return bool(re.search(_KEY_KIND, key.before) or re.search(_QUERY_KIND, key.before))
    return not (key.kind == "secret" and re.search(_RESOURCE, key.before))


def is_strong(key: Key) -> bool:
    """Return True if any value of the name is a secret, False if only one that looks random is."""
    if key.kind == "key":
        return bool(re.search(_KEY_KIND, key.before))
    return key.kind not in {"random", "query"}
