"""Translations of templates: PostgreSQL and libpq print their messages in the language of their host."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Final

import yaml

LANGUAGES: Final = ("de", "fr", "es", "ja")
_TABLE: Final = Path(__file__).with_name("languages.yaml")
_HOLE: Final = re.compile(r"<[a-z_]+>")


def translations_of(template: str) -> Iterator[str]:
    """Yield a template in each language that has some of its phrases; other phrases stay English."""
    for language in LANGUAGES:
        translated = template
        for english, phrase in _phrases():
            if language in phrase:
                translated = english.sub(partial(_translated, phrase["en"], phrase[language]), translated)
        if translated != template:
            yield translated


@cache
def _phrases() -> list[tuple[re.Pattern[str], Mapping[str, str]]]:
    """Return the phrases, each with a pattern that matches its English text with any names of holes."""
    phrases = yaml.safe_load(_TABLE.read_text("utf-8"))
    return [(re.compile(_HOLE.sub("(<[a-z_]+>)", re.escape(phrase["en"]))), phrase) for phrase in phrases]


def _translated(english: str, translation: str, match: re.Match[str]) -> str:
    """Return a translation with the template's names of holes, whose order may differ from the English."""
    names = dict(zip(_HOLE.findall(english), match.groups(), strict=True))
    return _HOLE.sub(lambda hole: names[hole[0]], translation)
