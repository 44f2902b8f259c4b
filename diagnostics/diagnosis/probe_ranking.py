"""In which order probes tell candidates apart soonest, and for whom each answer speaks. Pure."""

from collections.abc import Mapping, Sequence
from math import log2
from typing import Final, NamedTuple

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.verdicts import LOOKED
from diagnostics.report.model import Result

OTHERWISE: Final = 0.2
"""The weight of "none of these": a probe for the only candidate still tells something."""


class RankedProbe(NamedTuple):
    """A probe, and what asking it is worth."""

    probe: str
    entries: tuple[str, ...]
    """The candidates that it can confirm, likeliest first."""
    bits_a_second: float


def rank_probes(
    probes: Sequence[str], scores: Mapping[str, float], catalogue: Catalogue
) -> tuple[RankedProbe, ...]:
    """The probes, most telling a second first; what one needs or reads stands before it.

    `scores` are those of the candidates, from 0 to 1. A probe's worth is the information in its answer
    to "is it one of mine?" divided by its budget: what it may take, not what it takes on a good day.
    """
    weighed = {name: _weighed(name, scores, catalogue) for name in probes}
    placed: dict[str, RankedProbe] = {}
    for name in sorted(weighed, key=lambda one: -weighed[one].bits_a_second):
        for before in catalogue.with_needs([name]):
            if before in weighed:
                placed.setdefault(before, weighed[before])
    return tuple(placed.values())


def supported_entries(result: Result, catalogue: Catalogue) -> tuple[str, ...]:
    """The entries that a result speaks for: those whose causes claim its findings."""
    claimed = (catalogue.claims.get(finding.code) for finding in result.findings)
    return tuple(dict.fromkeys(claim.entry.id for claim in claimed if claim))


def contradicted_entries(result: Result, catalogue: Catalogue) -> tuple[str, ...]:
    """The entries that the probe could have confirmed and, having looked, did not."""
    if result.outcome not in LOOKED:
        return ()
    for_ = supported_entries(result, catalogue)
    return tuple(entry.id for entry in catalogue.entries_of(result.key.probe) if entry.id not in for_)


def _weighed(name: str, scores: Mapping[str, float], catalogue: Catalogue) -> RankedProbe:
    own = {entry.id for entry in catalogue.entries_of(name)} & scores.keys()
    share = sum(scores[entry] for entry in own) / (sum(scores.values()) + OTHERWISE)
    best_first = tuple(sorted(own, key=lambda entry: (-scores[entry], entry)))
    return RankedProbe(name, best_first, _information(share) / catalogue.probes[name].BUDGET)


def _information(share: float) -> float:
    """Bits in the answer to a question that is true with this probability."""
    if not 0 < share < 1:
        return 0.0
    return -share * log2(share) - (1 - share) * log2(1 - share)
