"""Compiler from records to the index."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from kb.matching.index import VERSION, Index, IndexedEntry, LayerWords, Template
from kb.matching.templates import split
from kb.matching.translations import translations_of
from kb.matching.word_weights import compile_words, load_model
from kb.records.models import Entry
from kb.text.signs import parse_sign, sqlstate_of


def compile_index(entries: Iterable[Entry]) -> Index:
    """Compile records into an index, without retired entries."""
    live = [entry for entry in entries if not entry.retired]
    tables = _load_yaml("layers")
    weak = {name.lower() for name in tables["weak_exceptions"]}
    return {
        "version": VERSION,
        "entries": [_indexed(entry, weak) for entry in live],
        "templates": _templates(live),
        "signs": _owners((str(sign), i) for i, entry in enumerate(live) for sign in _signs(entry)),
        "names": _owners((name.lower(), i) for i, entry in enumerate(live) for name in entry.error_names),
        "modules": _owners((module.lower(), i) for i, entry in enumerate(live) for module in entry.modules),
        "words": compile_words(live),
        "bias": load_model()["bias"],
        "layers": _layers(tables),
        "systems": tables["systems"],
        "consequences": tables["consequences"],
        "other_errors": tables["other_errors"],
        "weak": sorted(weak),
    }


def load_layers() -> dict[str, LayerWords]:
    """Return the words of each layer."""
    return _layers(_load_yaml("layers"))


def _load_yaml(name: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (Path(__file__).parent / f"{name}.yaml").read_text("utf-8")
    return yaml.load(text, Loader=loader)  # noqa: S506  both are safe loaders


def _layers(tables: Mapping[str, Any]) -> dict[str, LayerWords]:
    other_sql, other_systems = tables["other_sql"], tables["other_systems"]
    return {
        layer: {
            "own": lists["own"],
            "words": lists["words"],
            "others": [*other_sql, *other_systems, *lists["others"], *lists.get("foreign", ())],
            "foreign": [*other_sql, *lists.get("foreign", ())],
        }
        for layer, lists in tables["layers"].items()
    }


def _indexed(entry: Entry, weak: set[str]) -> IndexedEntry:
    named = any(name.lower() not in weak for name in entry.error_names)
    return {
        "id": entry.id,
        "title": entry.title,
        "layer": entry.layer,
        "named": named,
        "leads_to": list(entry.leads_to),
    }


def _signs(entry: Entry) -> Iterator[str]:
    for text in (symptom.sign for symptom in entry.symptoms if symptom.sign):
        sign = parse_sign(text)
        yield str(sign)
        if sign.kind == "exception" and (code := sqlstate_of(sign.value)):
            yield f"sqlstate {code}"


def _message_templates(entry: Entry) -> Iterator[str]:
    yield from (symptom.template for symptom in entry.symptoms if symptom.template)
    yield from entry.also_said


def _templates(entries: Sequence[Entry]) -> list[Template]:
    by_parts: dict[str, Template] = {}
    for number, entry in enumerate(entries):
        for text in _message_templates(entry):
            letters = sum(letter.isalnum() for part in split(text)[0] for letter in part)
            for message in (text, *translations_of(text)):
                parts, holes = split(message)
                new: Template = {
                    "text": text,
                    "parts": parts,
                    "holes": holes,
                    "letters": letters,
                    "owners": [],
                }
                template = by_parts.setdefault("\0".join(parts), new)
                template["owners"] = sorted({*template["owners"], number})
    return list(by_parts.values())


def _owners(owned: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    owners: dict[str, list[int]] = {}
    for key, number in owned:
        if number not in owners.setdefault(key, []):
            owners[key].append(number)
    return owners
