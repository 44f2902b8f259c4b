"""Everything that matching needs from the records, as plain data that JSON can carry to the site's page."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import log
from typing import Final, TypedDict

from kb.context import CONSEQUENCES, LAYER_WORDS, OTHER_SQL, OTHER_SYSTEMS, OWN_WORDS
from kb.models import Entry
from kb.sign_names import WEAK_EXCEPTIONS
from kb.signs import parse_sign, sqlstate_of
from kb.templates import split
from kb.words import pairs, words

VERSION: Final = 1


class Known(TypedDict):
    """What a match says of its entry."""

    id: str
    title: str
    layer: str
    named: bool
    """Whether it has an error name that no other system uses."""


class Template(TypedDict):
    """One template: its literal parts, the names of the holes between them, and the entries that own it."""

    text: str
    parts: list[str]
    holes: list[str]
    letters: int
    owners: list[int]


class Index(TypedDict):
    """The whole of it; numbers in `owners`, `signs` and `words` point into `entries`."""

    version: int
    entries: list[Known]
    templates: list[Template]
    signs: dict[str, list[int]]
    names: dict[str, list[int]]
    modules: dict[str, list[int]]
    words: dict[str, list[list[float]]]
    rarity: dict[str, float]
    layers: dict[str, list[str]]
    own: dict[str, list[str]]
    other_sql: list[str]
    other_systems: list[str]
    consequences: list[str]
    weak: list[str]


def compile_index(entries: Iterable[Entry]) -> Index:
    """Compile records into an index; retired entries are left out."""
    live = [entry for entry in entries if not entry.retired]
    bags = [_bag(entry) for entry in live]
    rarity = _rarity(bags)
    return {
        "version": VERSION,
        "entries": [_known(entry) for entry in live],
        "templates": _templates(live),
        "signs": _owners((str(sign), i) for i, entry in enumerate(live) for sign in _signs(entry)),
        "names": _owners((name.lower(), i) for i, entry in enumerate(live) for name in entry.error_names),
        "modules": _owners((module.lower(), i) for i, entry in enumerate(live) for module in entry.modules),
        "words": _postings(bags),
        "rarity": rarity,
        "layers": {layer: list(known) for layer, known in LAYER_WORDS.items()},
        "own": {layer: list(known) for layer, known in OWN_WORDS.items()},
        "other_sql": list(OTHER_SQL),
        "other_systems": list(OTHER_SYSTEMS),
        "consequences": list(CONSEQUENCES),
        "weak": sorted(name.lower() for name in WEAK_EXCEPTIONS),
    }


def index_to_json(index: Index) -> str:
    """Write an index for the page: compact, stable, safe inside a script element."""
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _known(entry: Entry) -> Known:
    named = any(name not in WEAK_EXCEPTIONS for name in entry.error_names)
    return {"id": entry.id, "title": entry.title, "layer": entry.layer, "named": named}


def _signs(entry: Entry) -> Iterator[str]:
    for text in (symptom.sign for symptom in entry.symptoms if symptom.sign):
        sign = parse_sign(text)
        yield str(sign)
        if sign.kind == "exception" and (code := sqlstate_of(sign.value)):
            yield f"sqlstate {code}"


def _templates(entries: Sequence[Entry]) -> list[Template]:
    known: dict[str, Template] = {}
    for number, entry in enumerate(entries):
        for symptom in entry.symptoms:
            if symptom.template:
                parts, holes = split(symptom.template)
                template = known.setdefault(
                    "\0".join(parts),
                    {
                        "text": symptom.template,
                        "parts": parts,
                        "holes": holes,
                        "letters": sum(letter.isalnum() for part in parts for letter in part),
                        "owners": [],
                    },
                )
                template["owners"] = sorted({*template["owners"], number})
    return list(known.values())


def _owners(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    owners: dict[str, list[int]] = {}
    for key, number in pairs:
        if number not in owners.setdefault(key, []):
            owners[key].append(number)
    return owners


def _samples(entry: Entry, kind: str) -> Iterator[str]:
    return (sample.text for symptom in entry.symptoms for sample in symptom.samples if sample.kind == kind)


_SOURCES: Final[tuple[tuple[float, Callable[[Entry], Iterable[str]]], ...]] = (
    (1.0, lambda entry: (entry.title, entry.id, *entry.error_names)),
    (0.9, lambda entry: _samples(entry, "reported")),
    (0.8, lambda entry: (symptom.template for symptom in entry.symptoms)),
    (0.7, lambda entry: (entry.summary,)),
    (0.5, lambda entry: _samples(entry, "observed")),
    (0.4, lambda entry: (cause.sentence for cause in entry.causes)),
)
"""How much a word of a part of a record says, best first."""


def _bag(entry: Entry) -> dict[str, float]:
    bag: dict[str, float] = {}
    for weight, source in _SOURCES:
        said = [word for word, _ in words("\n".join(source(entry)))]
        for term in (*said, *pairs(said)):
            bag.setdefault(term, weight)
    return bag


def _rarity(bags: Sequence[dict[str, float]]) -> dict[str, float]:
    counts = Counter(word for bag in bags for word in bag)
    return {word: round(log(1 + len(bags) / count), 3) for word, count in counts.items()}


def _postings(bags: Sequence[dict[str, float]]) -> dict[str, list[list[float]]]:
    postings: dict[str, list[list[float]]] = {}
    for number, bag in enumerate(bags):
        for word, weight in bag.items():
            postings.setdefault(word, []).append([number, weight])
    return postings
