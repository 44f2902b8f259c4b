"""Claims by words and weak signs, in a text in which nothing is proven.

The words of records claim an entry, and the learned model may refuse the claim.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from kb.matching.features import without_places
from kb.matching.index import Index, Template
from kb.matching.line_context import other_system
from kb.matching.parsed_text import ParsedText
from kb.matching.results import Match, best_first, by_entry, match_of, placed
from kb.matching.signals import signals_of
from kb.matching.wording.intent import is_plan, is_proposal
from kb.matching.wording.report_model import likelihood, load_model
from kb.matching.wording.word_signals import word_signals
from kb.text.logs.records import Record

MIN_SCORE: Final = 0.2
"""Lowest score of a claim."""
_MAX_PARTS: Final = 200
"""Records whose words are compared by themselves."""
_MAX_LINES: Final = 1000
"""Lines up to which a text is also compared without those that name another system."""
_MIN_LIKELIHOOD: Final = 0.15
"""Likelihood of a report that a text needs which words claim; the constants below are for kinds of texts."""
_LOW_SCORE: Final = 0.3
"""Score below which a claim needs more."""
_MIN_LIKELIHOOD_OF_LOW_SCORE: Final = 0.4
_MIN_LIKELIHOOD_WITH_SIGN: Final = 0.04
_MIN_LIKELIHOOD_OF_PART: Final = 0.8
_MIN_LIKELIHOOD_OF_LOG: Final = 0.65
_MIN_LIKELIHOOD_OF_PLAN: Final = 0.6


def by_words(loud: Sequence[Record], index: Index, templates: list[Template]) -> list[Match]:
    """Return the matches of a text in which nothing is proven: by weak signs and by words."""
    whole = ParsedText("\n".join(record.text for record in loud))
    numbers = [number for record in loud for number in record.numbers]
    found = _claims(whole, index, templates, _MIN_LIKELIHOOD)
    if found:
        return [placed(match, numbers) for match in found]
    if is_proposal(whole, index):
        return []
    best: dict[str, Match] = {}
    for part, part_numbers in _parts(loud, index):
        for match in _claims(part, index, templates, _MIN_LIKELIHOOD_OF_PART):
            if match.entry not in best or match.score > best[match.entry].score:
                best[match.entry] = placed(match, part_numbers)
    return list(best_first(best.values()))


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
    groups = by_entry([*weak, *word_signals(parsed, index)])
    matches = [match_of(group, parsed, index) for group in groups]
    found = best_first(match for match in matches if match.score >= MIN_SCORE)
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
    elif match.score < _LOW_SCORE:
        minimum = max(minimum, _MIN_LIKELIHOOD_OF_LOW_SCORE)
    if is_plan(parsed, index):
        minimum = max(minimum, _MIN_LIKELIHOOD_OF_PLAN)
    return likelihood(parsed.unprefixed, index["layers"]) >= minimum
