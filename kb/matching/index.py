"""The index that matching reads: the records compiled to plain data, which JSON carries to the site."""

import json
from typing import Final, NotRequired, TypedDict

VERSION: Final = 8


class IndexedEntry(TypedDict):
    """The fields of an entry that a match reports or weighs."""

    id: str
    title: str
    layer: str
    named: bool
    """True if the entry has an error name that no other system uses."""
    leads_to: list[str]


class Template(TypedDict):
    """A template: its literal parts, the names of the holes between them, and the entries that own it."""

    text: str
    parts: list[str]
    holes: list[str]
    letters: int
    owners: list[int]
    alone: NotRequired[bool]
    """True for a short template that is evidence, though weak, in a text that names no layer."""


class LayerWords(TypedDict):
    """Words that tell whether a text is about a layer: see `layers.yaml`."""

    own: list[str]
    words: list[str]
    others: list[str]
    foreign: list[str]


class Index(TypedDict):
    """The compiled index; `owners`, `signs`, `names`, `modules` and `words` hold positions in `entries`."""

    version: int
    entries: list[IndexedEntry]
    templates: list[Template]
    signs: dict[str, list[int]]
    names: dict[str, list[int]]
    modules: dict[str, list[int]]
    words: dict[str, str]
    """By word or pair of words: positions of entries and weights by turns, with spaces between them."""
    layers: dict[str, LayerWords]
    systems: dict[str, list[str]]
    """Names of other systems, each with the words that it is known by."""
    consequences: list[str]
    failure_words: list[str]
    proposal_phrases: list[str]
    change_verbs: list[str]
    question_words: list[str]
    incident_words: list[str]
    other_errors: list[str]
    weak: list[str]


def index_to_json(index: Index) -> str:
    """Serialize an index for the site: compact, with sorted keys, safe inside a script element."""
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
