"""The filter of lists: words that must occur, `!word` that must not, `field:value`. Pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kb.records.models import Entry

FIELDS: Final = ("layer", "state", "severity")
MAX_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()

    def accepts(self, text: str, fields: Mapping[str, str]) -> bool:
        """Return True if a row passes; `text` is its searchable text, a value may be the start of a field."""
        return (
            all(word in text for word in self.wanted)
            and not any(word in text for word in self.unwanted)
            and all(fields.get(name, "").startswith(value) for name, value in self.fields)
        )

    def matches_name(self, name: str) -> bool:
        """Return True if all wanted words occur in the name itself."""
        return all(word in name for word in self.wanted)


def parse_filter(text: str) -> Filter:
    """Parse a filter while it is typed: unfinished words count, a single `!` or `layer:` does not."""
    words = text[:MAX_CHARS].lower().split()
    fields = [(name, value) for name, colon, value in map(_split_field, words) if colon and name in FIELDS]
    plain = [word for word in words if word.partition(":")[0] not in FIELDS or ":" not in word]
    return Filter(
        wanted=tuple(word for word in plain if not word.startswith("!")),
        unwanted=tuple(word[1:] for word in plain if word.startswith("!") and len(word) > 1),
        fields=tuple((name, value) for name, value in fields if value),
    )


def searchable_text(entry: Entry) -> str:
    """Return the text of an entry in which words are searched, in lower case."""
    parts: Iterable[str] = (entry.id, entry.title, entry.summary, *entry.error_names, *entry.modules)
    codes = (cause.finding for cause in entry.causes)
    return " ".join((*parts, *codes)).lower()


def _split_field(word: str) -> tuple[str, str, str]:
    return word.partition(":")
