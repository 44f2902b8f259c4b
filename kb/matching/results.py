"""Matches of a text, built from the signals of each entry."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from kb.matching.index import Index
from kb.matching.parsed_text import ParsedText
from kb.matching.signals import Signal

_FURTHER_KIND: Final = 0.6
"""Factor on the remaining doubt (one minus the score) of a proof for each further kind of signal."""
MAX_REASONS: Final = 4


class Match(NamedTuple):
    """An entry that a text may be about."""

    entry: str
    title: str
    score: float
    """Certainty from 0 to 1; above 0.58 only with a typed sign or a template, below it from words alone."""
    why: tuple[str, ...]
    """Reasons, each with a quotation of the text."""
    signs: tuple[str, ...] = ()
    """Typed signs and templates in the text: the proof that the error happened."""
    line: int = 0
    """Number, from 1, of the line with the first evidence; 0 for words anywhere in the text."""
    holes: Mapping[str, str] = MappingProxyType({})
    """Texts in the holes of the templates. They are untrusted: print them, never put them into a command."""
    proves: bool = False
    """True if `signs` is not empty; of two entries that share a sign, either may be the one."""
    time: str = ""
    """Time of the first record with the error in UTC (ISO 8601); empty if records have none."""
    occurrences: int = 1
    """Number of records with the error."""
    sources: tuple[str, ...] = ()
    """Pods, units, programs or loggers that printed it."""


class Result(NamedTuple):
    """Result of matching a text, with what was left out."""

    matches: tuple[Match, ...]
    left_out: tuple[str, ...] = ()
    """Entries that matched too, beyond the limit."""
    other_system: str = ""
    """Name of the system that a text without a match is about, for example MySQL."""
    characters_not_read: int = 0


def placed(match: Match, numbers: Sequence[int]) -> Match:
    """Return a match with the number of its line in the text, given those of the record's lines."""
    return match._replace(line=numbers[match.line - 1]) if numbers and match.line else match


def best_first(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Return matches by score, the best first."""
    return tuple(sorted(matches, key=lambda match: (-match.score, match.entry)))


def by_entry(signals: Iterable[Signal]) -> list[list[Signal]]:
    """Group signals by entry, the strongest first."""
    groups: dict[int, list[Signal]] = {}
    for signal in sorted(signals, key=lambda signal: -signal.strength):
        groups.setdefault(signal.entry, []).append(signal)
    return list(groups.values())


def match_of(signals: list[Signal], parsed: ParsedText, index: Index) -> Match:
    """Build the match of one entry from its signals, the strongest first."""
    entry = index["entries"][signals[0].entry]
    signs = tuple(dict.fromkeys(signal.sign for signal in signals if signal.sign))
    lines = [signal.line for signal in signals if signal.line and (signal.sign or not signs)]
    holes: dict[str, str] = {}
    for signal in signals:
        holes = {**signal.holes, **holes}
    line = min(lines, key=lambda line: parsed.order[line - 1], default=0)
    return Match(
        entry=entry["id"],
        title=entry["title"],
        score=round(1 - _doubt(signals), 3),
        why=tuple(dict.fromkeys(signal.why for signal in signals))[:MAX_REASONS],
        signs=signs,
        line=line,
        holes=holes,
        proves=bool(signs),
    )


def _doubt(signals: Sequence[Signal]) -> float:
    """Return one minus the certainty of signals, the strongest first; each kind of signal counts once."""
    strongest: dict[str, Signal] = {}
    for signal in signals:
        strongest.setdefault(signal.kind, signal)
    proves = any(signal.sign for signal in signals)
    doubt = 1 - signals[0].strength
    for signal in list(strongest.values())[1:]:
        doubt *= _FURTHER_KIND if proves else 1 - signal.strength
    return doubt
