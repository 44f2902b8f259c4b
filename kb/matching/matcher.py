"""Ranking of the entries that a text is about, each with the evidence in the text."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from kb.matching.index import Index
from kb.matching.intent import is_proposal
from kb.matching.parsed_text import ParsedText
from kb.matching.signals import Signal, signals_of
from kb.matching.word_signals import word_signals
from kb.text.sanitize import Cleaned, clean

MIN_SCORE: Final = 0.2
"""Lowest score that `match` returns; the unrelated texts in tests/data/match determined it."""
_FURTHER_KIND: Final = 0.6
"""Factor on the remaining doubt (one minus the score) for each further kind of signal."""
_PROPOSAL_MIN_STRENGTH: Final = 0.78
"""Strength that a template must exceed to prove an error in a proposal, whose subject a short one may be."""
_MAX_REASONS: Final = 4


class Match(NamedTuple):
    """An entry that a text may be about."""

    entry: str
    title: str
    score: float
    """From 0 to 1; above 0.58 only with a typed sign or a template, below it from words alone."""
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


def match(text: Cleaned | str, index: Index, limit: int = 5) -> tuple[Match, ...]:
    """Rank the entries that a text is about; return none for an unrelated text.

    The error that happened first comes first: later ones mostly follow from it.
    """
    parsed = _parse(text)
    signals = signals_of(parsed, index)
    proposal = is_proposal(parsed, index)
    proven = {
        signal.entry
        for signal in signals
        if signal.sign and (signal.strength > _PROPOSAL_MIN_STRENGTH or not proposal)
    }
    if proven:
        groups = [group for group in _by_entry(signals) if group[0].entry in proven]
        return tuple(_first_causes([_match(group, parsed, index) for group in groups], parsed)[:limit])
    if proposal:
        return ()
    groups = _by_entry([*signals, *word_signals(parsed, index)])
    matches = [_match(group, parsed, index) for group in groups]
    return _best_first([match for match in matches if match.score >= MIN_SCORE])[:limit]


def nearest(text: Cleaned | str, index: Index, limit: int = 3) -> tuple[Match, ...]:
    """Rank entries by the words of a text for which `match` returned none. They prove nothing."""
    parsed = _parse(text)
    return _best_first(_match(group, parsed, index) for group in _by_entry(word_signals(parsed, index)))[
        :limit
    ]


def _parse(text: Cleaned | str) -> ParsedText:
    return ParsedText((text if isinstance(text, Cleaned) else clean(text)).text)


def _best_first(matches: Iterable[Match]) -> tuple[Match, ...]:
    return tuple(sorted(matches, key=lambda match: (-match.score, match.entry)))


def _by_entry(signals: Iterable[Signal]) -> list[list[Signal]]:
    """Group signals by entry, the strongest first."""
    groups: dict[int, list[Signal]] = {}
    for signal in sorted(signals, key=lambda signal: -signal.strength):
        groups.setdefault(signal.entry, []).append(signal)
    return list(groups.values())


def _match(signals: list[Signal], parsed: ParsedText, index: Index) -> Match:
    """Build the match of one entry from its signals, the strongest first."""
    entry = index["entries"][signals[0].entry]
    kinds = len({signal.kind for signal in signals})
    doubt = (1 - signals[0].strength) * _FURTHER_KIND ** (kinds - 1)
    signs = tuple(dict.fromkeys(signal.sign for signal in signals if signal.sign))
    lines = [signal.line for signal in signals if signal.line and (signal.sign or not signs)]
    holes: dict[str, str] = {}
    for signal in signals:
        holes = {**signal.holes, **holes}
    return Match(
        entry=entry["id"],
        title=entry["title"],
        score=round(1 - doubt, 3),
        why=tuple(dict.fromkeys(signal.why for signal in signals))[:_MAX_REASONS],
        signs=signs,
        line=min(lines, key=lambda line: parsed.order[line - 1], default=0),
        holes=holes,
        proves=bool(signs),
    )


def _first_causes(matches: list[Match], parsed: ParsedText) -> list[Match]:
    """Order matches by time, then by score, and cap each score at that of the match before it."""
    ordered = sorted(matches, key=lambda match: (parsed.order[match.line - 1], -match.score, match.entry))
    ceiling, capped = 1.0, []
    for match in ordered:
        ceiling = min(ceiling, match.score)
        capped.append(match._replace(score=ceiling))
    return capped
