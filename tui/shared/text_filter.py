"""The filter of lists: words that must all occur, `!word` that must not, `field:value`. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kb.records.models import Entry

FIELDS: Final = ("layer", "state", "severity")
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was read."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()

    def accepts(self, text: str, fields: Mapping[str, str]) -> bool:
        """Whether something passes; `text` is its lower-case haystack. A value may be a beginning."""
        return (
            all(word in text for word in self.wanted)
            and not any(word in text for word in self.unwanted)
            and all(fields.get(name, "").startswith(value) for name, value in self.fields)
        )

    def names(self, name: str) -> bool:
        """Whether all wanted words are in the name itself."""
        return all(word in name for word in self.wanted)


def read_filter(text: str) -> Filter:
    """Read what was typed; half-typed words already count, a lone `!` or `layer:` does not."""
    words = text[:LONGEST].lower().split()
    fields = [(name, value) for name, colon, value in map(_parted, words) if colon and name in FIELDS]
    plain = [word for word in words if word.partition(":")[0] not in FIELDS or ":" not in word]
    return Filter(
        wanted=tuple(word for word in plain if not word.startswith("!")),
        unwanted=tuple(word[1:] for word in plain if word.startswith("!") and len(word) > 1),
        fields=tuple((name, value) for name, value in fields if value),
    )


def haystack(entry: Entry) -> str:
    """All that a word may be found in."""
    parts: Iterable[str] = (entry.id, entry.title, entry.summary, *entry.error_names, *entry.modules)
    codes = (cause.finding for cause in entry.causes)
    return " ".join((*parts, *codes)).lower()


def _parted(word: str) -> tuple[str, str, str]:
    return word.partition(":")
