"""Generator of `kb/matching/postgres_messages.json`: messages of PostgreSQL and libpq in all their languages.

It reads the message catalogues of the installed packages (.mo files of postgresql-15, libpq5,
postgresql-client-15 and glibc; PostgreSQL Licence and LGPL). It keeps the messages that have a template of
the records in them and those that a template consists of. `kb.matching.translations` applies them, so that a
record has each message once, in English.

Usage: python -m tests.tools.postgres_messages [directory of locales]
"""

import json
import re
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from kb.matching.templates import find, fold, split
from kb.matching.translations import HOLE, MIN_LETTERS, PATH, canonical, letters, phrase_pattern
from kb.records.loader import load_entries

LOCALES: Final = Path("/usr/share/locale")
CATALOGUES: Final = ("postgres-15", "libpq5-15", "psql-15")
C_LIBRARY: Final = "libc"
LABELS: Final = (
    "PANIC:",
    "FATAL:",
    "ERROR:",
    "WARNING:",
    "LOG:",
    "DETAIL:",
    "HINT:",
    "CONTEXT:",
    "STATEMENT:",
)
"""Labels before a message. In the catalogues, severities have no colon."""
CONVERSION: Final = re.compile(r"%(?:(\d+)\$)?[-+ #0]*[\d*.]*(?:ll|[hlzjt])?([diouxXeEfgGcspm])")
"""A conversion of printf: the number of its argument, where it has one, and its kind."""
_MO_MAGIC: Final = 0x950412DE


def read_catalogue(path: Path) -> dict[str, str]:
    """Return the translation by message of a .mo file (GNU gettext manual, section 10.3), or nothing.

    Of plural forms it returns the singular and the last plural.
    """
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    magic, _, count, originals, translations = struct.unpack_from("<5I", data)
    if magic != _MO_MAGIC:
        raise ValueError(f"{path}: not a little-endian .mo file")
    messages: dict[str, str] = {}
    for number in range(count):
        english = _strings(data, originals + 8 * number)
        translated = _strings(data, translations + 8 * number)
        messages[english[0]] = translated[0]
        messages[english[-1]] = translated[-1]
    messages.pop("", None)
    return {english: translated for english, translated in messages.items() if translated != english}


def _strings(data: bytes, at: int) -> list[str]:
    length, offset = struct.unpack_from("<2I", data, at)
    return data[offset : offset + length].decode("utf-8", "replace").split("\0")


def as_template(message: str) -> str:
    """Return a message of a catalogue as a template whose holes are named by the numbers of its arguments."""
    counted = iter(range(1, 100))
    text = canonical(CONVERSION.sub(lambda match: f"<{match[1] or next(counted)}>", message))
    return text.rstrip(".。")


def numbered(english: str, translation: str) -> tuple[str, str]:
    """Return two templates with the holes numbered in the order of the English one, and 0 for other holes."""
    numbers = {name: str(number) for number, name in enumerate(HOLE.findall(english), 1)}
    english, translation = (
        HOLE.sub(lambda hole: f"<{numbers.get(hole[1], '0')}>", text) for text in (english, translation)
    )
    return english, translation


def catalogue_path(locales: Path, language: str, name: str) -> Path:
    """Return the path of a catalogue."""
    return locales / language / "LC_MESSAGES" / f"{name}.mo"


def languages(locales: Path) -> list[str]:
    """Return the languages that libpq is translated into."""
    return sorted(path.parts[-3] for path in locales.glob(f"*/LC_MESSAGES/{CATALOGUES[1]}.mo"))


def messages(locales: Path, names: Iterable[str] = CATALOGUES) -> dict[str, dict[str, list[str]]]:
    """Return the translations by language of each message of some catalogues, as templates.

    A message of several lines also counts line by line. Two catalogues may translate a message differently.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for language in languages(locales):
        for name in names:
            for message, translation in _catalogue(locales, language, name):
                of_language = found.setdefault(message, {}).setdefault(language, [])
                if translation not in of_language:
                    of_language.append(translation)
    return found


def _catalogue(locales: Path, language: str, name: str) -> Iterator[tuple[str, str]]:
    for english, translation in read_catalogue(catalogue_path(locales, language, name)).items():
        if label := _label(english):
            text = translation.removesuffix("%s\n").strip()
            yield label, text if text.endswith(":") else f"{text}:"
            continue
        lines, translated_lines = english.strip().split("\n"), translation.strip().split("\n")
        if len(lines) == len(translated_lines):
            yield from map(numbered, map(as_template, lines), map(as_template, translated_lines))
        else:
            yield numbered(as_template(english), as_template(translation))


def _label(english: str) -> str:
    """Return the label that a message of a catalogue is, or an empty text."""
    label = english.removesuffix("%s\n").strip().rstrip(":") + ":"
    return label if label in LABELS else ""


def table(locales: Path) -> dict[str, dict[str, list[str]]]:
    """Return the messages that the records need, with their translations by language.

    These are messages that have a template in them, messages that a template consists of, and labels. Of the
    C library's messages it takes the reasons at the end of libpq's.
    """
    server, library = messages(locales), messages(locales, [C_LIBRARY])
    templates = {canonical(text) for text in _record_templates() if letters(text) >= MIN_LETTERS}
    split_templates = [split(text) for text in templates]
    wanted = {message for message in server if message in LABELS or _has_any(split_templates, message)}
    for text in templates:
        wanted |= _components(text, server, library)
    return {message: {**library, **server}[message] for message in sorted(wanted)}


def _has_any(templates: Iterable[tuple[list[str], list[str]]], message: str) -> bool:
    folded = fold(message)
    return letters(message) >= MIN_LETTERS and any(
        max(parts, key=len) in folded.lower and find(parts, holes, folded) for parts, holes in templates
    )


def _components(template: str, *tables: Mapping[str, object]) -> set[str]:
    """Return the messages that a template consists of, or nothing if another text is left of it."""
    found = set()
    for messages_of_table in tables:
        for message in sorted(messages_of_table, key=len, reverse=True):
            literal = max(HOLE.split(message)[::2], key=len)
            if letters(message) >= MIN_LETTERS and literal in template:
                template, count = phrase_pattern(message).subn("", template)
                found |= {message} if count else set()
        if not found:
            return found
    left = template
    for label in LABELS:
        left = left.replace(label, "")
    return set() if any(character.isalnum() for character in left) else found


def _record_templates() -> Iterator[str]:
    for entry in load_entries().values():
        yield from (symptom.template for symptom in entry.symptoms if symptom.template)
        yield from entry.also_said


def write(messages: Mapping[str, Mapping[str, list[str]]], path: Path = PATH) -> None:
    """Write the table with a translation to a line, as a list only where the catalogues disagree."""
    document = {
        english: {language: texts if len(texts) > 1 else texts[0] for language, texts in translations.items()}
        for english, translations in messages.items()
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")


def main(arguments: list[str]) -> None:
    """Write the table from the catalogues of the installed packages."""
    messages = table(Path(arguments[0]) if arguments else LOCALES)
    write(messages)
    print(f"{PATH}: {len(messages)} messages, {sum(map(len, messages.values()))} translations")


if __name__ == "__main__":
    main(sys.argv[1:])
