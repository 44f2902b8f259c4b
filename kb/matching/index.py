"""Everything that matching needs from the records, as plain data that JSON can carry to the site's page."""

import json
from typing import Final, TypedDict

VERSION: Final = 4


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


class Layer(TypedDict):
    """Words that say whether a text speaks of a layer: see `layers.yaml`."""

    own: list[str]
    words: list[str]
    others: list[str]
    foreign: list[str]


class Index(TypedDict):
    """The whole of it; numbers in `owners`, `signs` and `words` point into `entries`."""

    version: int
    entries: list[Known]
    templates: list[Template]
    signs: dict[str, list[int]]
    names: dict[str, list[int]]
    modules: dict[str, list[int]]
    words: dict[str, list[list[float]]]
    layers: dict[str, Layer]
    consequences: list[str]
    trouble: list[str]
    wishes: list[str]
    plans: list[str]
    asks: list[str]
    failures: list[str]
    other_errors: list[str]
    weak: list[str]


def index_to_json(index: Index) -> str:
    """Write an index for the page: compact, stable, safe inside a script element."""
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
