"""Ranking of the entries that a text is about, each with the evidence in the text.

The text is split into records; each is matched by itself, so that what another program printed cannot veto.
Typed signs and templates prove. In a text in which nothing is proven, the words of records claim an entry,
and the learned model may refuse the claim.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from kb.matching.index import Index, Template
from kb.matching.line_context import other_system
from kb.matching.merging import Occurrence, merged
from kb.matching.parsed_text import ParsedText
from kb.matching.results import MAX_REASONS, Match, Result, best_first, by_entry, match_of, placed
from kb.matching.signals import Signal, signals_of
from kb.text.logs.records import Record, is_printed, records_of
from kb.text.sanitize import Cleaned, clean
from kb.text.signs import SIGN_KINDS

__all__ = ("Match", "Result", "match", "match_record", "match_text", "nearest")

_SHORT_STRENGTH: Final = 0.78
"""Strength up to which a template proves only in a report: its words may be the subject of a proposal."""
_MAX_WRAPPED_LINES: Final = 20
_MAX_PROSE_LINES: Final = 3
"""Lines of a person's sentence at most."""
_WORDS_IN_TIE: Final = 0.05
"""Weight of words between entries with evidence on the same line: enough to decide between shared signs."""
_OWN_SIGN_IN_TIE: Final = 0.1
"""Weight there of a typed sign that no other entry of the text has."""
_ROUNDING: Final = 0.002
_QUIET: Final = ("info", "notice", "debug", "trace")
_KINDS: Final = tuple(f"{kind} " for kind in SIGN_KINDS)


def match(text: Cleaned | str, index: Index, limit: int = 5) -> tuple[Match, ...]:
    """Rank the entries that a text is about; return none for an unrelated text.

    The error that happened first comes first: later ones mostly follow from it.
    """
    return match_text(text, index, limit).matches


def match_text(text: Cleaned | str, index: Index, limit: int = 5) -> Result:
    """Rank the entries that a text is about, and say what was left out."""
    cleaned = text if isinstance(text, Cleaned) else clean(text)
    records = records_of(cleaned.text)
    matches = _matches(cleaned.text, records, index)
    name = "" if matches else other_system(ParsedText(cleaned.text).naming, index)
    left_out = tuple(match.entry for match in matches[limit:])
    return Result(tuple(matches[:limit]), left_out, name, cleaned.left_out)


def match_record(record: Record, index: Index) -> tuple[Match, ...]:
    """Rank the entries of one record by its signs and templates, the first error first."""
    text = clean(record.text).text
    numbers = record.numbers if text == record.text else ()
    found = _record_matches(record, ParsedText(text), index, None)
    return tuple(placed(match, numbers) for _, match in found)


def nearest(text: Cleaned | str, index: Index, limit: int = 3) -> tuple[Match, ...]:
    """Rank entries by the words of a text for which `match` returned none. They prove nothing."""
    from kb.matching.wording.word_signals import word_signals  # noqa: PLC0415  for refused texts only

    parsed = ParsedText((text if isinstance(text, Cleaned) else clean(text)).text)
    return best_first(match_of(group, parsed, index) for group in by_entry(word_signals(parsed, index)))[
        :limit
    ]


def _matches(text: str, records: Sequence[Record], index: Index) -> list[Match]:
    templates = _possible(text, index)
    seen: dict[str, list[tuple[float, Match]]] = {}
    occurrences: list[Occurrence[Match]] = []
    for number, record in enumerate(records):
        if record.text not in seen:
            parsed = ParsedText(record.text)
            seen[record.text] = _record_matches(record, parsed, index, templates)
        for order, found in seen[record.text]:
            line = record.numbers[found.line - 1] if found.line else record.line
            occurrences.append(Occurrence(record, number, order, found._replace(line=line)))
    loud = [record for record in records if record.level not in _QUIET] or records
    if any(occurrence.match.proves for occurrence in occurrences):
        ordered = _ties_broken([_merged_match(group) for group in merged(occurrences, index)], loud, index)
        return sorted(ordered, key=lambda match: not match.proves)
    if len(records) > 1 and (whole := _wrapped(records, index, templates)):
        return whole
    from kb.matching.wording.claims import by_words  # noqa: PLC0415  a proven text needs no words

    return by_words(loud, index, templates)


def _wrapped(records: Sequence[Record], index: Index, templates: list[Template]) -> list[Match]:
    """Return what records prove together: a message that a terminal wrapped."""
    parsed = ParsedText("\n".join(record.text for record in records))
    if parsed.filled > _MAX_WRAPPED_LINES:
        return []
    numbers = [number for record in records for number in record.numbers]
    found = _record_matches(Record(1, parsed.text, None), parsed, index, templates)
    return [placed(match, numbers) for _, match in found if match.proves]


def _possible(text: str, index: Index) -> list[Template]:
    """Return the templates whose first words a text has, on whichever line."""
    folded = ParsedText(text).folded.lower
    return [
        template
        for template in index["templates"]
        if next((part for part in template["parts"] if part.strip()), "") in folded
    ]


def _record_matches(
    record: Record, parsed: ParsedText, index: Index, templates: list[Template] | None
) -> list[tuple[float, Match]]:
    """Return the matches of one record, each with its order in the record; lines count from its first one."""
    signals = signals_of(parsed, index, templates)
    if not signals:
        return []
    proven = {signal.entry for signal in signals if signal.sign and _is_proof(signal, parsed, record, index)}
    if not proven:
        signals = [signal for signal in signals if not signal.sign]
    groups = [group for group in by_entry(signals) if not proven or group[0].entry in proven]
    matches = [match_of(group, parsed, index) for group in groups]
    ordered = [(parsed.order[max(0, found.line - 1)], found) for found in matches]
    return sorted(ordered, key=lambda pair: (pair[0], -pair[1].score, pair[1].entry))


def _is_proof(signal: Signal, parsed: ParsedText, record: Record, index: Index) -> bool:
    """Return True unless a short template stands in a person's sentence that reports nothing."""
    if (
        signal.strength > _SHORT_STRENGTH
        or record.time
        or is_printed(record.text)
        or parsed.filled > _MAX_PROSE_LINES
    ):
        return True
    from kb.matching.wording.intent import is_proposal  # noqa: PLC0415  for short templates only

    return not is_proposal(parsed, index)


def _merged_match(group: Sequence[Occurrence[Match]]) -> Match:
    """Return the match of one entry in several records: its first evidence, and how often it happened."""
    first = group[0].match
    whys = dict.fromkeys(why for occurrence in group for why in occurrence.match.why)
    signs = dict.fromkeys(sign for occurrence in group for sign in occurrence.match.signs)
    best = max(group, key=lambda occurrence: occurrence.match.score).match
    holes: dict[str, str] = {}
    for occurrence in group:
        holes = {**occurrence.match.holes, **holes}
    return first._replace(
        score=best.score,
        why=tuple(whys)[:MAX_REASONS],
        signs=tuple(signs),
        holes=holes,
        proves=bool(signs),
        time=_utc(group[0].record.time),
        occurrences=len({occurrence.number for occurrence in group}),
        sources=tuple(dict.fromkeys(o.record.source for o in group if o.record.source)),
    )


def _utc(time: datetime | None) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if time else ""


def _has_own_sign(match: Match, owners: Mapping[str, int]) -> bool:
    """Return True if a match has a typed sign that no other match of the text has."""
    return any(owners[sign] == 1 and sign.startswith(_KINDS) for sign in match.signs)


def _ties_broken(matches: list[Match], loud: Sequence[Record], index: Index) -> list[Match]:
    """Return the matches with those that share their first line ordered by the words of the text."""
    if len({match.line for match in matches}) == len(matches):
        return matches
    owners = Counter(sign for match in matches for sign in match.signs)
    scores = {match.entry: match.score + _OWN_SIGN_IN_TIE * _has_own_sign(match, owners) for match in matches}
    words = _shares_of_words(loud, index) if _is_close(matches, scores) else {}
    first = {match.line: position for position, match in reversed([*enumerate(matches)])}
    return sorted(
        matches,
        key=lambda match: (
            first[match.line],
            -round(scores[match.entry] + _WORDS_IN_TIE * words.get(match.entry, 0.0), 3),
            match.entry,
        ),
    )


def _is_close(matches: Sequence[Match], scores: Mapping[str, float]) -> bool:
    """Return True if two matches of one line are so close that words can change their order."""
    ordered = sorted((match.line, scores[match.entry]) for match in matches)
    return any(
        line == next_line and higher - score <= _WORDS_IN_TIE + _ROUNDING
        for (line, score), (next_line, higher) in pairwise(ordered)
    )


def _shares_of_words(loud: Sequence[Record], index: Index) -> dict[str, float]:
    """Return the strength of each entry's words as a share of the strongest."""
    from kb.matching.wording.word_signals import word_signals  # noqa: PLC0415  for close ties only

    words = word_signals(ParsedText("\n".join(record.text for record in loud)), index)
    top = max((signal.strength for signal in words), default=1.0) or 1.0
    return {index["entries"][signal.entry]["id"]: signal.strength / top for signal in words}
