"""Ranking of the entries that a text is about, each with the evidence in the text.

The text is split into records; each is matched by itself, so that what another program printed cannot veto.
Typed signs and templates prove. In a text in which nothing is proven, the words of records claim an entry,
and the learned model may refuse the claim.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from kb.matching.features import without_places
from kb.matching.index import Index, Template
from kb.matching.line_context import other_system
from kb.matching.merging import Occurrence, merged
from kb.matching.parsed_text import ParsedText
from kb.matching.signals import Signal, signals_of
from kb.matching.wording.intent import is_plan, is_proposal
from kb.matching.wording.report_model import likelihood, load_model
from kb.matching.wording.word_signals import word_signals
from kb.text.logs.records import Record, is_printed, records_of
from kb.text.sanitize import Cleaned, clean
from kb.text.signs import SIGN_KINDS

MIN_SCORE: Final = 0.2
"""Lowest score that `match` returns."""
_FURTHER_KIND: Final = 0.6
"""Factor on the remaining doubt (one minus the score) of a proof for each further kind of signal."""
_SHORT_STRENGTH: Final = 0.78
"""Strength up to which a template proves only in a report: its words may be the subject of a proposal."""
_MAX_REASONS: Final = 4
_MAX_PARTS: Final = 200
"""Records whose words are compared by themselves."""
_MAX_LINES: Final = 1000
"""Lines up to which a text is also compared without those that name another system."""
_MIN_LIKELIHOOD: Final = 0.15
"""Likelihood of a report that a text needs which words claim; the constants below are for kinds of texts."""
_MIN_LIKELIHOOD_WITH_SIGN: Final = 0.04
_MIN_LIKELIHOOD_OF_PART: Final = 0.8
_MIN_LIKELIHOOD_OF_LOG: Final = 0.5
_MIN_LIKELIHOOD_OF_PLAN: Final = 0.6
_MAX_WRAPPED_LINES: Final = 20
_WORDS_IN_TIE: Final = 0.05
"""Weight of words between entries with evidence on the same line: enough to decide between shared signs."""
_OWN_SIGN_IN_TIE: Final = 0.1
"""Weight there of a typed sign that no other entry of the text has."""
_QUIET: Final = ("info", "notice", "debug", "trace")
_KINDS: Final = tuple(f"{kind} " for kind in SIGN_KINDS)


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
    return tuple(_placed(match, numbers) for _, match in found)


def nearest(text: Cleaned | str, index: Index, limit: int = 3) -> tuple[Match, ...]:
    """Rank entries by the words of a text for which `match` returned none. They prove nothing."""
    parsed = ParsedText((text if isinstance(text, Cleaned) else clean(text)).text)
    return _best_first(_match(group, parsed, index) for group in _by_entry(word_signals(parsed, index)))[
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
    if len(records) > 1 and (whole := _wrapped(loud, index, templates)):
        return whole
    return _by_words(loud, index, templates)


def _wrapped(records: Sequence[Record], index: Index, templates: list[Template]) -> list[Match]:
    """Return what records prove together: a message that a terminal wrapped."""
    parsed = ParsedText("\n".join(record.text for record in records))
    if parsed.filled > _MAX_WRAPPED_LINES:
        return []
    numbers = [number for record in records for number in record.numbers]
    found = _record_matches(Record(1, parsed.text, None), parsed, index, templates)
    return [_placed(match, numbers) for _, match in found if match.proves]


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
    groups = [group for group in _by_entry(signals) if not proven or group[0].entry in proven]
    matches = [_match(group, parsed, index) for group in groups]
    ordered = [(parsed.order[max(0, found.line - 1)], found) for found in matches]
    return sorted(ordered, key=lambda pair: (pair[0], -pair[1].score, pair[1].entry))


def _placed(match: Match, numbers: Sequence[int]) -> Match:
    """Return a match with the number of its line in the text, given those of the record's lines."""
    return match._replace(line=numbers[match.line - 1]) if numbers and match.line else match


def _is_proof(signal: Signal, parsed: ParsedText, record: Record, index: Index) -> bool:
    """Return True unless a short template stands in a person's sentence that reports nothing."""
    if signal.strength > _SHORT_STRENGTH or record.time or is_printed(record.text) or len(parsed.lines) > 1:
        return True
    return not is_proposal(parsed, index)


def _by_words(loud: Sequence[Record], index: Index, templates: list[Template]) -> list[Match]:
    """Return the matches of a text in which nothing is proven: by weak signs and by words."""
    whole = ParsedText("\n".join(record.text for record in loud))
    numbers = [number for record in loud for number in record.numbers]
    found = _claims(whole, index, templates, _MIN_LIKELIHOOD)
    if found:
        return [_placed(match, numbers) for match in found]
    if is_proposal(whole, index):
        return []
    best: dict[str, Match] = {}
    for part, part_numbers in _parts(loud, index):
        for match in _claims(part, index, templates, _MIN_LIKELIHOOD_OF_PART):
            if match.entry not in best or match.score > best[match.entry].score:
                best[match.entry] = _placed(match, part_numbers)
    return list(_best_first(best.values()))


def _parts(loud: Sequence[Record], index: Index) -> Iterator[tuple[ParsedText, Sequence[int]]]:
    """Yield the parts of a text that are compared by themselves, each with the numbers of its lines.

    These are the text without the lines that name another system or an address, and each record.
    """
    lines = [
        (line, number)
        for record in loud
        for line, number in zip(record.text.split("\n"), record.numbers, strict=True)
    ]
    if len(lines) > _MAX_LINES:
        lines = []
    kept = [(line, number) for line, number in lines if not _is_beside_the_point(line, index)]
    if 0 < len(kept) < len(lines):
        yield ParsedText("\n".join(line for line, _ in kept)), [number for _, number in kept]
    for record in loud[:_MAX_PARTS]:
        if len(loud) > 1:
            yield ParsedText(record.text), record.numbers


def _is_beside_the_point(line: str, index: Index) -> bool:
    return "@" in line or bool(other_system(without_places(line.lower()), index))


def _claims(parsed: ParsedText, index: Index, templates: list[Template], minimum: float) -> list[Match]:
    """Return the matches of a text by weak signs and by words, unless it reports no known error."""
    if is_proposal(parsed, index):
        return []
    weak = [signal for signal in signals_of(parsed, index, templates) if not signal.sign]
    groups = _by_entry([*weak, *word_signals(parsed, index)])
    matches = [_match(group, parsed, index) for group in groups]
    found = _best_first(match for match in matches if match.score >= MIN_SCORE)
    if not found or not _reports(parsed, found[0], index, minimum):
        return []
    return list(found)


def _reports(parsed: ParsedText, match: Match, index: Index, minimum: float) -> bool:
    """Return False if the model refuses a text, whose entry it has learned."""
    if match.entry not in load_model()["entries"]:
        return True
    if match.line:
        minimum = _MIN_LIKELIHOOD_WITH_SIGN
    elif parsed.is_printed:
        minimum = max(minimum, _MIN_LIKELIHOOD_OF_LOG)
    if is_plan(parsed, index):
        minimum = max(minimum, _MIN_LIKELIHOOD_OF_PLAN)
    return likelihood(parsed.unprefixed, index["layers"]) >= minimum


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
        why=tuple(dict.fromkeys(signal.why for signal in signals))[:_MAX_REASONS],
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
        why=tuple(whys)[:_MAX_REASONS],
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
    words = word_signals(ParsedText("\n".join(record.text for record in loud)), index)
    by_id = {index["entries"][signal.entry]["id"]: signal.strength for signal in words}
    top = max(by_id.values(), default=1.0) or 1.0
    first = {match.line: position for position, match in reversed([*enumerate(matches)])}
    return sorted(
        matches,
        key=lambda match: (
            first[match.line],
            -round(
                match.score
                + _WORDS_IN_TIE * by_id.get(match.entry, 0.0) / top
                + _OWN_SIGN_IN_TIE * _has_own_sign(match, owners),
                3,
            ),
            match.entry,
        ),
    )
