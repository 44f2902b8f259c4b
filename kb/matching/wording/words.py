"""Plain words of a text in the form in which they are compared; simple enough to port to JavaScript."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

from kb.matching.wording.synonyms import PHRASES, SAME

_TOKEN: Final = re.compile(r"[a-z0-9_]+")
_CAMEL: Final = re.compile(r"([a-z0-9])([A-Z])")
_FRAME: Final = re.compile(
    r"(?m)^[ \t]*(?:File \"|at [\w.$/]+\(|\.\.\. \d|Traceback \().*$|<[a-z_]+>|^ {4}.*$|\[[^\[\]\n]{0,90}\]"
    r"|[\w.+-]{1,64}@[\w.-]{1,200}|\(Background on this error at: [^\s()]{1,99}\)"
)
"""Text that is not wording: stack frames and their source, holes, bracketed prefixes and addresses."""

_STOP: Final = """
a about actually after again all already also am an and another any anybody app app_user application are
around as at basically be because been before being between both but by can cannot clearpay code could
customer customers day days did do does doesn doing don each eat eats either else error even eventually
ever every everyone everything for from get gets getting goes going got had has have he help helps hour
hours how i if in into is isn issue it its job jobs just keep keeps last later let like line lines log
logged logs look looks machine make makes maybe me minute minutes month more morning most much my need
needs never new next night no not now number of off often on once one only or other others our out over
payment payments per perhaps please pod pods probably problem prod production quite randomly rather really
run running runs same say says second seconds see seem seems service services she should simply since so
some somebody someone something sometimes soon still such suddenly team than that the their them then
there these they thing this those though time times to today too two under until up us use used uses using
very via was we week weekend went were what when whenever where whether which while who whole why will
with within without won worker workers would yesterday yet you your
"""
STOP: Final = frozenset(_STOP.split())
"""Words that do not tell errors apart."""
NUMBERS: Final = frozenset(("100x", "137", "401", "403", "407", "429", "502", "503", "504"))
"""Numbers that people use as words: HTTP statuses, the exit code of SIGKILL, amounts off by 100."""
_ENDINGS: Final = ("ions", "ings", "ion", "ing", "ed", "es", "s", "e")
_MIN_STEM: Final = 4
"""Letters that a stem keeps at least."""


def words(text: str) -> Iterator[tuple[str, str]]:
    """Yield each significant word of a text in two forms: as it is compared, and as written in lower case.

    Names with digits are left out, except for `NUMBERS`: they differ between systems.
    """
    tokens = _TOKEN.findall(_CAMEL.sub(r"\1 \2", _FRAME.sub(" ", text)).lower())
    for word, following in pairwise((*tokens, "")):
        if phrase := PHRASES.get(f"{word} {following}"):
            yield stem(phrase), f"{word} {following}"
        if compared := _compared(word):
            yield compared, word


@lru_cache(maxsize=8192)
def _compared(word: str) -> str:
    if word in NUMBERS:
        return SAME.get(word, word)
    if len(word) == 1 or word in STOP or not word.replace("_", "").isalpha():
        return ""
    return stem(SAME.get(word, word))


def pairs(compared: Iterable[str]) -> Iterator[str]:
    """Yield each two consecutive words as one term: `service known`."""
    yield from (f"{first} {second}" for first, second in pairwise(compared))


def stem(word: str) -> str:
    """Cut the inflectional ending of a word."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            return word[: -len(ending)]
    return word
