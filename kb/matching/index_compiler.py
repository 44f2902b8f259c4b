"""Compiler from records to the index."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from kb.matching.index import VERSION, Index, IndexedEntry, LayerWords, Template
from kb.matching.templates import split
from kb.matching.translations import severities, translations_of
from kb.matching.wording.words import pairs, words
from kb.records.models import Entry
from kb.text.signs import parse_sign, sqlstate_of

_SEVERITIES: Final = ("ERROR", "FATAL", "PANIC")
"""Severities whose words in other languages, with two spaces behind the colon, only PostgreSQL prints."""
_FULL_TEMPLATE: Final = 20
"""Letters that a translation or a client's message counts at least: its words name what printed it."""
_TOKEN: Final = re.compile(r"[a-z0-9_]+")
_CONTAINED: Final = 10
"""Letters that a contained translation counts less."""


def compile_index(entries: Iterable[Entry]) -> Index:
    """Compile records into an index, without retired entries."""
    live = [entry for entry in entries if not entry.retired]
    tables = load_yaml("layers")
    weak = {name.lower() for name in tables["weak_exceptions"]}
    messages = [*_client_messages(live)]
    return {
        "version": VERSION,
        "entries": [_indexed(entry, weak) for entry in live],
        "templates": _templates(live, messages),
        "signs": _owners(
            [
                *((sign, number) for number, entry in enumerate(live) for sign in _signs(entry)),
                *((sign, number) for message, number in messages for sign in message.get("signs", ())),
            ]
        ),
        "names": _owners((name.lower(), i) for i, entry in enumerate(live) for name in entry.error_names),
        "modules": _owners((module.lower(), i) for i, entry in enumerate(live) for module in entry.modules),
        "words": compile_words(live),
        "layers": _layers(tables),
        "systems": tables["systems"],
        "consequences": tables["consequences"],
        "failure_words": tables["failure_words"],
        "proposal_phrases": _phrases(tables["proposal_phrases"]),
        "change_verbs": tables["change_verbs"],
        "question_words": _phrases(tables["question_words"]),
        "incident_words": tables["incident_words"],
        "other_errors": tables["other_errors"],
        "weak": sorted(weak),
    }


def _phrases(texts: Iterable[str]) -> list[str]:
    """Return phrases as words with single spaces between them."""
    return [" ".join(_TOKEN.findall(text)) for text in texts]


def load_layers() -> dict[str, LayerWords]:
    """Return the words of each layer."""
    return _layers(load_yaml("layers"))


def load_yaml(name: str) -> Any:
    """Return a table of this package."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (Path(__file__).parent / f"{name}.yaml").read_text("utf-8")
    return yaml.load(text, Loader=loader)  # noqa: S506  both are safe loaders


def _layers(tables: Mapping[str, Any]) -> dict[str, LayerWords]:
    other_sql, other_systems = tables["other_sql"], tables["other_systems"]
    postgres_labels = [f"{word.lower()}:  " for word, label in severities().items() if label in _SEVERITIES]
    return {
        layer: {
            "own": [*lists["own"], *(postgres_labels if layer == "database" else ())],
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
    yield from entry.other_messages


def _client_messages(entries: Sequence[Entry]) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Yield the messages of clients and runtimes, each with the position of its entry."""
    positions = {entry.id: number for number, entry in enumerate(entries)}
    for client in load_yaml("client_messages"):
        for message in client["messages"]:
            if (number := positions.get(message["entry"])) is not None:
                yield message, number


def _count_letters(template: str) -> int:
    return sum(letter.isalnum() for part in split(template)[0] for letter in part)


def _templates(entries: Sequence[Entry], messages: Iterable[tuple[Mapping[str, Any], int]]) -> list[Template]:
    by_parts: dict[str, Template] = {}
    translated: list[Template] = []
    for number, entry in enumerate(entries):
        for text in _message_templates(entry):
            letters = _count_letters(text)
            _add_template(by_parts, text, text, letters, number)
            letters = max(letters, _FULL_TEMPLATE)
            translated += [
                _add_template(by_parts, text, message, letters, number) for message in translations_of(text)
            ]
    _lower_contained(translated)
    for message, number in messages:
        for text in message.get("templates", ()):
            _add_template(by_parts, text, text, max(_count_letters(text), _FULL_TEMPLATE), number)
        for text in message.get("weak_templates", ()):
            _add_template(by_parts, text, text, min(_count_letters(text), _FULL_TEMPLATE - 1), number)
        for text in message.get("alone_templates", ()):
            letters = min(_count_letters(text), _FULL_TEMPLATE - 1)
            _add_template(by_parts, text, text, letters, number)["alone"] = True
    return list(by_parts.values())


def _add_template(
    by_parts: dict[str, Template], text: str, message: str, letters: int, entry: int
) -> Template:
    """Add a template or its translation for an entry; entries with the same message share it."""
    parts, holes = split(message)
    new: Template = {"text": text, "parts": parts, "holes": holes, "letters": letters, "owners": []}
    template = by_parts.setdefault("\0".join(parts), new)
    template["owners"] = sorted({*template["owners"], entry})
    return template


def _lower_contained(translated: Sequence[Template]) -> None:
    """Count fewer letters for a translation that another entry's translation contains.

    In Russian, "canceling statement due to lock timeout" begins with all of "... due to statement timeout".
    """
    unique = list({id(template): template for template in translated}.values())
    beginnings = "\n".join(template["parts"][0] for template in unique)
    for short in unique:
        beginning = short["parts"][0]
        if len(short["parts"]) > 1 or beginnings.count(beginning) == 1:
            continue
        for long in unique:
            if short["owners"] != long["owners"] and beginning in long["parts"][0]:
                short["letters"] = min(short["letters"], long["letters"] - _CONTAINED)


def _owners(owned: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    owners: dict[str, list[int]] = {}
    for key, number in owned:
        if number not in owners.setdefault(key, []):
            owners[key].append(number)
    return owners


def _sample_texts(entry: Entry, kind: str) -> Iterator[str]:
    return (sample.text for symptom in entry.symptoms for sample in symptom.samples if sample.kind == kind)


_SOURCES: Final[tuple[tuple[float, Callable[[Entry], Iterable[str]]], ...]] = (
    (1.0, lambda entry: (entry.title, *entry.former_titles, entry.id, *entry.error_names)),
    (0.7, lambda entry: (entry.summary,)),
    (0.5, _message_templates),
    (0.5, lambda entry: _sample_texts(entry, "observed")),
    (0.4, lambda entry: (cause.sentence for cause in entry.causes)),
)
"""Weight of a word by the part of the record that has it, in descending order."""
_FIRST_SENTENCE, _FURTHER_SENTENCE, _MAX_SENTENCES = 0.6, 0.15, 3
"""Weight of a word in one user's sentence, what each further sentence adds, and how many sentences count."""


def _term_weights(entry: Entry) -> dict[str, float]:
    """Return the weight, up to 1, of each word and pair of words of a record."""
    weights: dict[str, float] = {}
    for weight, source in _SOURCES:
        for term in _terms("\n".join(source(entry))):
            weights.setdefault(term, weight)
    sentences = (*entry.user_phrases, *_sample_texts(entry, "reported"))
    for term, count in Counter(term for text in sentences for term in _terms(text)).items():
        weight = _FIRST_SENTENCE + _FURTHER_SENTENCE * (min(count, _MAX_SENTENCES) - 1)
        weights[term] = max(weights.get(term, 0.0), round(weight, 2))
    return weights


def _terms(text: str) -> set[str]:
    compared = [word for word, _ in words(text)]
    return {*compared, *pairs(compared)}


def compile_words(entries: Iterable[Entry]) -> dict[str, str]:
    """Return the postings of every word and pair of words: position of entry and weight by turns.

    Each is one text, because thousands of lists would take longer to load than all else.
    """
    postings: dict[str, list[str]] = {}
    for number, entry in enumerate(entries):
        for term, weight in _term_weights(entry).items():
            postings.setdefault(term, []).append(f"{number} {weight}")
    return {term: " ".join(several) for term, several in postings.items()}
