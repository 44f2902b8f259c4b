"""From records to the index that matching needs."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from kb.matching.index import VERSION, Index, Known, Layer, Template
from kb.matching.templates import split
from kb.matching.translations import in_other_languages
from kb.matching.words import pairs, words
from kb.records.models import Entry
from kb.text.signs import parse_sign, sqlstate_of


def compile_index(entries: Iterable[Entry]) -> Index:
    """Compile records into an index; retired entries are left out."""
    live = [entry for entry in entries if not entry.retired]
    bags = [_bag(entry) for entry in live]
    tables = _table("layers")
    weak = {name.lower() for name in tables["weak_exceptions"]}
    return {
        "version": VERSION,
        "entries": [_known(entry, weak) for entry in live],
        "templates": _templates(live),
        "signs": _owners((str(sign), i) for i, entry in enumerate(live) for sign in _signs(entry)),
        "names": _owners((name.lower(), i) for i, entry in enumerate(live) for name in entry.error_names),
        "modules": _owners((module.lower(), i) for i, entry in enumerate(live) for module in entry.modules),
        "words": _postings(bags),
        "layers": _layers(tables),
        "consequences": tables["consequences"],
        "trouble": tables["trouble"],
        "wishes": tables["wishes"],
        "plans": tables["plans"],
        "asks": tables["asks"],
        "failures": tables["failures"],
        "other_errors": tables["other_errors"],
        "weak": sorted(weak),
    }


def _table(name: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (Path(__file__).parent / f"{name}.yaml").read_text("utf-8")
    return yaml.load(text, Loader=loader)  # noqa: S506  both are safe loaders


def _layers(tables: Mapping[str, Any]) -> dict[str, Layer]:
    sql, everywhere = tables["other_sql"], [*tables["other_sql"], *tables["other_systems"]]
    return {
        layer: {
            "own": known["own"],
            "words": known["words"],
            "others": [*everywhere, *known["others"], *known.get("foreign", ())],
            "foreign": [*sql, *known.get("foreign", ())],
        }
        for layer, known in tables["layers"].items()
    }


def _known(entry: Entry, weak: set[str]) -> Known:
    named = any(name.lower() not in weak for name in entry.error_names)
    return {"id": entry.id, "title": entry.title, "layer": entry.layer, "named": named}


def _signs(entry: Entry) -> Iterator[str]:
    for text in (symptom.sign for symptom in entry.symptoms if symptom.sign):
        sign = parse_sign(text)
        yield str(sign)
        if sign.kind == "exception" and (code := sqlstate_of(sign.value)):
            yield f"sqlstate {code}"


def _printed(entry: Entry) -> Iterator[str]:
    yield from (symptom.template for symptom in entry.symptoms if symptom.template)
    yield from entry.also_said


def _templates(entries: Sequence[Entry]) -> list[Template]:
    known: dict[str, Template] = {}
    for number, entry in enumerate(entries):
        for text in _printed(entry):
            letters = sum(letter.isalnum() for part in split(text)[0] for letter in part)
            for said in (text, *in_other_languages(text)):
                parts, holes = split(said)
                new: Template = {
                    "text": text,
                    "parts": parts,
                    "holes": holes,
                    "letters": letters,
                    "owners": [],
                }
                template = known.setdefault("\0".join(parts), new)
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
    (0.7, lambda entry: (entry.summary,)),
    (0.5, _printed),
    (0.5, lambda entry: _samples(entry, "observed")),
    (0.4, lambda entry: (cause.sentence for cause in entry.causes)),
)
"""How much a word of a part of a record says, best first."""
_TOLD_ONCE, _TOLD_MORE, _TOLD_MAX = 0.6, 0.15, 3
"""What a word says that people used in one sentence, what each further sentence adds, and how many count."""


def _bag(entry: Entry) -> dict[str, float]:
    bag: dict[str, float] = {}
    for weight, source in _SOURCES:
        for term in _terms("\n".join(source(entry))):
            bag.setdefault(term, weight)
    told = Counter(term for text in (*entry.told_as, *_samples(entry, "reported")) for term in _terms(text))
    for term, times in told.items():
        weight = _TOLD_ONCE + _TOLD_MORE * (min(times, _TOLD_MAX) - 1)
        bag[term] = max(bag.get(term, 0.0), round(weight, 2))
    return bag


def _terms(text: str) -> set[str]:
    said = [word for word, _ in words(text)]
    return {*said, *pairs(said)}


def _postings(bags: Sequence[dict[str, float]]) -> dict[str, list[list[float]]]:
    postings: dict[str, list[list[float]]] = {}
    for number, bag in enumerate(bags):
        for word, weight in bag.items():
            postings.setdefault(word, []).append([number, weight])
    return postings
