"""Translations of templates: PostgreSQL and libpq print their messages in the language of their host.

`postgres_messages.json` has the messages that templates use, in each language; its generator is
`tests/tools/postgres_messages.py`, which reads PostgreSQL's message catalogues.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from kb.matching.templates import Folded, find, fold, split

PATH: Final = Path(__file__).with_name("postgres_messages.json")
LANGUAGES: Final = ("cs", "de", "el", "es", "fr", "it", "ja", "ka", "ko", "ru", "sv", "uk", "zh_CN")
"""Languages of libpq; the server lacks Czech and Greek."""
MIN_LETTERS: Final = 12
"""Letters of the shortest template, or phrase of a template, that is translated."""
HOLE: Final = re.compile(r"<([a-z_]+|\d+)>")
_BEFORE_HOLE: Final = "\"'`“”„«»‘’‚「『([{ \u00a0\u202f"  # noqa: RUF001  quotes of many languages
_AFTER_HOLE: Final = "\"'`“”„«»‘’‚」』)]},;、， \u00a0\u202f"  # noqa: RUF001
_REST: Final = "rest"
"""Name of a hole of a message that the template does not have."""


class _Message(NamedTuple):
    """An English message and its translations, all as templates with numbers as names of the holes."""

    pattern: re.Pattern[str]
    """Finds the message as a phrase of a template."""
    longest: str
    """The longest literal part."""
    folded: Folded
    translations: Mapping[str, list[str]]
    """Translations by language: several where the server and libpq differ."""


def translations_of(template: str) -> Iterator[str]:
    """Yield a template in each language that has it or some of its phrases; other phrases stay English."""
    if letters(template) >= MIN_LETTERS:
        text = canonical(template)
        yield from dict.fromkeys((*_with_phrases(text), *_whole_messages(text)))


def severities() -> dict[str, str]:
    """Return the English severity or label, such as `ERROR`, by its word in each other language."""
    return {
        text.rstrip(": "): message.folded.text.rstrip(":")
        for message in _messages()
        if message.folded.text.endswith(":") and message.folded.text.isupper()
        for text in chain.from_iterable(message.translations.values())
    }


def letters(template: str) -> int:
    """Return the number of letters outside of holes."""
    return sum(letter.isalpha() for letter in HOLE.sub("", template))


def canonical(template: str) -> str:
    """Return a template on one line, without quotes, brackets and commas beside holes.

    They belong to the text in a hole. Holes with nothing else between them become one.
    """
    pieces = HOLE.split(" ".join(template.split()))
    names, last = pieces[1::2], len(pieces) // 2
    literals = [
        _trimmed(literal, after_hole=number > 0, before_hole=number < last)
        for number, literal in enumerate(pieces[::2])
    ]
    text = literals[0]
    for number, (name, literal) in enumerate(zip(names, literals[1:], strict=True)):
        is_separate = number == 0 or literals[number].strip()
        text = f"{text}<{name}>{literal}" if is_separate else text.rstrip() + literal
    return " ".join(text.split())


def _trimmed(literal: str, *, after_hole: bool, before_hole: bool) -> str:
    """Remove quotes and commas beside holes; where a space was among them, one space stays."""
    if after_hole:
        rest = literal.lstrip(_AFTER_HOLE)
        literal = _space_of(literal[: len(literal) - len(rest)]) + rest
    if before_hole:
        rest = literal.rstrip(_BEFORE_HOLE)
        literal = rest + _space_of(literal[len(rest) :])
    return literal


def _space_of(removed: str) -> str:
    return " " if any(character.isspace() for character in removed) else ""


def _with_phrases(template: str) -> Iterator[str]:
    """Yield a template in each language, with those of its phrases translated that are messages."""
    phrases = [message for message in _messages() if message.longest in template]
    for language in LANGUAGES:
        variants = max((len(phrase.translations.get(language, ())) for phrase in phrases), default=0)
        for variant in range(variants):
            translated = template
            for phrase in phrases:
                if texts := phrase.translations.get(language):
                    text = texts[min(variant, len(texts) - 1)]
                    translated = phrase.pattern.sub(partial(_with_names, text), translated)
            if translated != template:
                yield translated


def _with_names(translation: str, match: re.Match[str]) -> str:
    """Return a translation with the template's names of holes, whose order may differ from the English."""
    names = match.groupdict()
    return HOLE.sub(lambda hole: f"<{names.get(f'hole_{hole[1]}') or _REST}>", translation)


def _whole_messages(template: str) -> Iterator[str]:
    """Yield the translations of the messages that have a template in them."""
    parts, holes = split(template)
    longest = max(parts, key=len)  # in lower case
    for message in _messages():
        if longest in message.folded.lower and (hit := find(parts, holes, message.folded)):
            names = {number: name for name, number in hit.holes.items()}
            for translation in chain.from_iterable(message.translations.values()):
                yield HOLE.sub(lambda hole: f"<{names.get(hole[1], _REST)}>", translation)  # noqa: B023


@cache
def _messages() -> tuple[_Message, ...]:
    """Return the messages of the table, the longest first: a longer one may have a shorter one in it."""
    table = json.loads(PATH.read_text("utf-8"))
    return tuple(_message(english, table[english]) for english in sorted(table, key=len, reverse=True))


def _message(english: str, translations: Mapping[str, str | list[str]]) -> _Message:
    longest = max(HOLE.split(english)[::2], key=len)
    texts = {language: [text] if isinstance(text, str) else text for language, text in translations.items()}
    return _Message(phrase_pattern(english), longest, fold(english), texts)


def phrase_pattern(message: str) -> re.Pattern[str]:
    """Return a pattern that finds a message as a phrase of a template, whatever its holes are named."""
    pieces = HOLE.split(message)
    text = re.escape(pieces[0])
    for number, literal in zip(pieces[1::2], pieces[2::2], strict=True):
        text += rf"<(?P<hole_{number}>[a-z_]+)>{re.escape(literal)}"
    return re.compile(rf"(?<!\w){text}(?!\w)")
