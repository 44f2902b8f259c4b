"""Features of a text that the learned model weighs; simple enough to port to JavaScript.

Words, pairs of words, groups of four characters (so that a misspelt word is still known), and marks: which
systems the text names, and whether it asks.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import sqrt
from typing import Final

from kb.matching.index import LayerWords
from kb.text.lazy_patterns import lazy_pattern

_TOKEN: Final = re.compile(r"[a-z0-9_]+")
_HOLE_OR_FRAME: Final = lazy_pattern(
    r"<[a-z_ ]{1,30}>|^[ \t]*(?:File \"|at [\w.$/<>]{1,200} ?\(|\.\.\. \d+ more).*$"
    r"|^(?:  |\t)[ \t]*(?:raise|except|return|import) .*$",
    re.MULTILINE,
)
"""Text that is not wording: holes of templates and masked values, and stack frames."""
_NUMBER: Final = lazy_pattern(r"\b[0-9a-f]{7,}\b|\d+")
NUMBERS: Final = frozenset(("100", "137", "401", "403", "404", "429", "500", "502", "503", "504", "5432"))
"""Numbers that tell errors apart: HTTP statuses, the exit code of SIGKILL, amounts off by 100."""
_NO_NAME: Final = lazy_pattern(
    r"file \"[^\"\n]{0,300}\"|(?<![\w:/])~?/[\w.@+-]{1,99}(?:/[\w.@+-]{0,99})+"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}|(?<![\w.-])[\w.-]{1,64}(?==)"
    r"|\"[\w.-]{1,64}\"(?=:)|(?<![\w.])[\w.]{0,64}mail(?=:)|\((?:[^\s()]{1,40} ){4,40}[^\s()]{1,40}\)"
)
"""Text that names no system: paths, addresses, names of fields, and asides of five words or more."""
_GRAM: Final = 4
_MARK_WEIGHT: Final = 0.25
_REPEATED: Final = (0.0, 1.0, 1.69, 2.1, 2.39, 2.61, 2.79)
"""Weight of a feature by the number of its occurrences: one plus the logarithm."""
MAX_TERMS: Final = 400
"""Words of a text that are read."""


def normalized(text: str) -> str:
    """Return a text in the form that its features are computed from."""
    lower = _HOLE_OR_FRAME.sub(" ", text).lower()
    return _NUMBER.sub(lambda number: number[0] if number[0] in NUMBERS else "0", lower)


def without_places(text: str) -> str:
    """Return a lower-case text without what names no system, such as paths and addresses."""
    return _NO_NAME.sub(" ", text)


def words_of(text: str) -> list[str]:
    """Return the words of a normalized text."""
    return _TOKEN.findall(text)[:MAX_TERMS]


def marks_of(text: str, layers: Mapping[str, LayerWords]) -> Iterator[str]:
    """Yield the marks of a normalized text: systems that it names, and a question."""
    naming = without_places(text)
    tokens = set(_TOKEN.findall(naming))
    for layer, lists in layers.items():
        for kind, terms in (("own", lists["own"]), ("other", lists["others"]), ("word", lists["words"])):
            if mentions(naming, terms, tokens):
                yield f"#{kind} {layer}"
    if "?" in text:
        yield "#question"


def mentions(text: str, terms: list[str], tokens: set[str] | frozenset[str]) -> bool:
    """Return True if a lower-case text has one of the terms: a word as a whole, a phrase anywhere."""
    return any(term in tokens or (not _TOKEN.fullmatch(term) and term in text) for term in terms)


def vector_of(words: list[str], marks: list[str], rarities: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of each known feature of a text: words and characters each have the length 1."""
    terms = Counter([*words, *(f"{first} {second}" for first, second in pairwise(words))])
    grams = Counter(gram for word in words for gram in grams_of(word))
    return {
        **_unit(terms, rarities),
        **_unit(grams, rarities),
        **{mark: _MARK_WEIGHT for mark in marks if mark in rarities},
    }


def grams_of(word: str) -> list[str]:
    """Return the groups of characters of a word as `~abcd`, the word's ends marked by `^` and `$`."""
    padded = f"^{word}$"
    return [f"~{padded[at : at + _GRAM]}" for at in range(max(1, len(padded) - _GRAM + 1))]


def _unit(counts: Mapping[str, int], rarities: Mapping[str, float]) -> dict[str, float]:
    most = len(_REPEATED) - 1
    weights = {
        term: _REPEATED[min(count, most)] * rarities[term]
        for term, count in counts.items()
        if term in rarities
    }
    length = sqrt(sum(weight * weight for weight in weights.values()))
    return {term: weight / length for term, weight in weights.items()} if length else {}
