"""Servers and libpq speak the language of their host: a template stands for its translations too."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Final

import yaml

LANGUAGES: Final = ("de", "fr", "es", "ja")
_TABLE: Final = Path(__file__).with_name("languages.yaml")
_HOLE: Final = re.compile(r"<[a-z_]+>")


def in_other_languages(template: str) -> Iterator[str]:
    """Yield a template as each language says it, as far as its phrases are known there."""
    for language in LANGUAGES:
        said = template
        for english, phrase in _phrases():
            if language in phrase:
                said = english.sub(partial(_filled, phrase["en"], phrase[language]), said)
        if said != template:
            yield said


@cache
def _phrases() -> list[tuple[re.Pattern[str], Mapping[str, str]]]:
    """The phrases, each with a pattern of its English that takes any name in a hole."""
    phrases = yaml.safe_load(_TABLE.read_text("utf-8"))
    return [(re.compile(_HOLE.sub("(<[a-z_]+>)", re.escape(phrase["en"]))), phrase) for phrase in phrases]


def _filled(english: str, translation: str, found: re.Match[str]) -> str:
    """Put the template's own names of holes into a translation, whose order may differ."""
    names = dict(zip(_HOLE.findall(english), found.groups(), strict=True))
    return _HOLE.sub(lambda hole: names[hole[0]], translation)
