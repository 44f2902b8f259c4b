"""From a text to the entries that it shows, best first, each with the words that say so."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from kb.matching.index import Index
from kb.matching.intent import plans
from kb.matching.parsed_text import ParsedText
from kb.matching.signals import Signal, clues_of
from kb.matching.word_signals import word_clues
from kb.text.sanitize import Cleaned, clean

LEAST: Final = 0.2
"""A score below this says nothing; the unrelated texts in tests/data/match hold it there."""
_DOUBT: Final = 0.6
"""What each further kind of clue leaves of the doubt."""
_PLANNED: Final = 0.78
"""What a template must say in a text that proposes or documents a change: a short one is its subject."""
_WHY_MAX: Final = 4


class Match(NamedTuple):
    """An entry that a text speaks of."""

    entry: str
    title: str
    score: float
    """From 0 to 1; above 0.58 something typed or a whole template speaks for it, below only words do."""
    why: tuple[str, ...]
    """Short phrases with the text's own words."""
    signs: tuple[str, ...] = ()
    """Typed signs and whole templates in the text: what proves that the error happened."""
    line: int = 0
    """The line, counted from 1, that shows it first; 0 where scattered words speak for it."""
    holes: Mapping[str, str] = MappingProxyType({})
    """What stands in the templates' holes. It comes from outside: show it, never put it into a command."""
    proves: bool = False
    """Whether `signs` has something; two entries may share a sign, and then it proves one of them."""


def match(text: Cleaned | str, index: Index, limit: int = 5) -> tuple[Match, ...]:
    """Rank the entries that a text shows; none for a text that is about something else.

    The error that happened first leads: later ones mostly follow from it.
    """
    reading = ParsedText((text if isinstance(text, Cleaned) else clean(text)).text)
    clues = clues_of(reading, index)
    planned = plans(reading, index)
    proven = {clue.entry for clue in clues if clue.sign and (clue.strength > _PLANNED or not planned)}
    if proven:
        made = [_match(group, reading, index) for group in _grouped(clues) if group[0].entry in proven]
        return tuple(_first_causes(made, reading)[:limit])
    if planned:
        return ()
    made = [_match(group, reading, index) for group in _grouped([*clues, *word_clues(reading, index)])]
    likely = [one for one in made if one.score >= LEAST]
    return tuple(sorted(likely, key=lambda one: (-one.score, one.entry))[:limit])


def nearest(text: Cleaned | str, index: Index, limit: int = 3) -> tuple[Match, ...]:
    """The entries whose words come nearest to a text that `match` finds nothing in. They prove nothing."""
    reading = ParsedText((text if isinstance(text, Cleaned) else clean(text)).text)
    made = [_match(group, reading, index) for group in _grouped(word_clues(reading, index))]
    return tuple(sorted(made, key=lambda one: (-one.score, one.entry))[:limit])


def _grouped(clues: Iterable[Signal]) -> list[list[Signal]]:
    groups: dict[int, list[Signal]] = {}
    for clue in sorted(clues, key=lambda clue: -clue.strength):
        groups.setdefault(clue.entry, []).append(clue)
    return list(groups.values())


def _match(clues: list[Signal], reading: ParsedText, index: Index) -> Match:
    """Make one match of one entry's clues, the strongest first."""
    entry = index["entries"][clues[0].entry]
    kinds = {clue.kind for clue in clues}
    doubt = (1 - clues[0].strength) * _DOUBT ** (len(kinds) - 1)
    signs = tuple(dict.fromkeys(clue.sign for clue in clues if clue.sign))
    lines = [clue.line for clue in clues if clue.line and (clue.sign or not signs)]
    holes: dict[str, str] = {}
    for clue in clues:
        holes = {**clue.holes, **holes}
    return Match(
        entry=entry["id"],
        title=entry["title"],
        score=round(1 - doubt, 3),
        why=tuple(dict.fromkeys(clue.why for clue in clues))[:_WHY_MAX],
        signs=signs,
        line=min(lines, key=lambda line: reading.order[line - 1], default=0),
        holes=holes,
        proves=bool(signs),
    )


def _first_causes(matches: list[Match], reading: ParsedText) -> list[Match]:
    """Order by time, then by strength; a later error never scores above the one before it."""
    ordered = sorted(matches, key=lambda one: (reading.order[one.line - 1], -one.score, one.entry))
    ceiling, result = 1.0, []
    for one in ordered:
        ceiling = min(ceiling, one.score)
        result.append(one._replace(score=ceiling))
    return result
