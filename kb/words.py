"""Plain words of a text, in the form in which they are compared; simple enough to say again in JavaScript."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

_TOKEN: Final = re.compile(r"[a-z0-9_]+")
_CAMEL: Final = re.compile(r"([a-z0-9])([A-Z])")
_FRAME: Final = re.compile(
    r"(?m)^[ \t]*(?:File \"|at [\w.$/]+\(|\.\.\. \d|Traceback \().*$|<[a-z_]+>|^ {4}.*$|\[[^\]\n]*\]"
)
"""Lines of a stack, source in it, holes of templates, bracketed prefixes: nobody's wording."""

SAME: Final = {
    "db": "database",
    "postgres": "postgresql",
    "pg": "postgresql",
    "psql": "postgresql",
    "creds": "credential",
    "passwd": "password",
    "pw": "password",
    "pwd": "password",
    "auth": "authentication",
    "logon": "login",
    "signin": "login",
    "conn": "connection",
    "dns": "name",
    "denied": "reject",
    "rejected": "reject",
    "refuses": "refuse",
    "unknown": "missing",
    "hostname": "host",
    "secretsmanager": "secret",
    "unreachable": "reach",
    "reachable": "reach",
    "reached": "reach",
}
"""Words that people use for each other, before endings are cut."""

STOP: Final = frozenset(
    (
        *(
            "a",
            "about",
            "app",
            "application",
            "clearpay",
            "payment",
            "payments",
            "after",
            "again",
            "all",
            "also",
            "am",
            "an",
            "and",
            "any",
            "are",
            "as",
            "at",
            "be",
        ),
        *("because", "been", "before", "but", "by", "can", "cannot", "could", "did", "do", "does", "doesn"),
        *("don", "error", "every", "for", "from", "get", "gets", "got", "had", "has", "have", "he", "help"),
        *("how", "i", "if", "in", "into", "is", "isn", "it", "its", "just", "keep", "keeps", "me", "my"),
        *("new", "no", "not", "now", "of", "off", "on", "once", "one", "only", "or", "our", "out", "please"),
        *("same", "say", "says", "see", "she", "should", "since", "so", "some", "still", "that", "the"),
        *("their", "them", "then", "there", "they", "this", "to", "too", "under", "until", "up", "us", "use"),
        *("used", "uses", "using", "very", "was", "we", "were", "what", "when", "where", "which", "while"),
        *("who", "why", "will", "with", "without", "won", "would", "you", "your", "problem", "issue", "help"),
    )
)
_ENDINGS: Final = ("ions", "ings", "ion", "ing", "ed", "es", "s", "e")
_SHORTEST: Final = 4
"""Letters that stay when an ending is cut."""


def words(text: str) -> Iterator[tuple[str, str]]:
    """Yield each telling word of a text twice: as it is compared and as it is written, in lower case.

    Names with digits or underscores are no words: they differ from place to place.
    """
    for word in _TOKEN.findall(_CAMEL.sub(r"\1 \2", _FRAME.sub(" ", text)).lower()):
        if compared := _compared(word):
            yield compared, word


@lru_cache(maxsize=8192)
def _compared(word: str) -> str:
    return "" if len(word) == 1 or not word.isalpha() or word in STOP else stem(SAME.get(word, word))


def pairs(compared: Iterable[str]) -> Iterator[str]:
    """Yield neighbours among words, in the form in which they are compared: `service known`."""
    yield from (f"{first} {second}" for first, second in pairwise(compared))


def stem(word: str) -> str:
    """Cut the ending that tells one form of a word from another."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word
