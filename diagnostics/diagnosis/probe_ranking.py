"""Order of probes by information gained per second, and the entries that a result supports. Pure."""

from collections.abc import Mapping, Sequence
from math import log2
from typing import Final, NamedTuple

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.scope import CONCLUSIVE
from diagnostics.report.model import Result

NO_CANDIDATE_WEIGHT: Final = 0.2
"""Weight of "none of the candidates"; without it, a probe for the only one would have no information."""


class RankedProbe(NamedTuple):
    """A probe with its candidates and its expected information per second of budget."""

    probe: str
    entries: tuple[str, ...]
    """Candidates that the probe can confirm, highest score first."""
    bits_per_second: float


def rank_probes(
    probes: Sequence[str], scores: Mapping[str, float], catalogue: Catalogue
) -> tuple[RankedProbe, ...]:
    """Return the probes by information per second, each after those that it needs or reads.

    `scores` are those of the candidates by entry, from 0 to 1. The information of a probe is the entropy of
    "is the cause among the entries that it can confirm?", divided by its budget (the time that it may take).
    """
    ranked = {name: _ranked(name, scores, catalogue) for name in probes}
    ordered: dict[str, RankedProbe] = {}
    for name in sorted(ranked, key=lambda probe: -ranked[probe].bits_per_second):
        for required in catalogue.with_needs([name]):
            if required in ranked:
                ordered.setdefault(required, ranked[required])
    return tuple(ordered.values())


def supported_entries(result: Result, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the entries whose causes claim the findings of a result."""
    claims = (catalogue.claims.get(finding.code) for finding in result.findings)
    return tuple(dict.fromkeys(claim.entry.id for claim in claims if claim))


def contradicted_entries(result: Result, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the entries that the probe can confirm and, with a conclusive outcome, did not."""
    if result.outcome not in CONCLUSIVE:
        return ()
    supported = supported_entries(result, catalogue)
    return tuple(entry.id for entry in catalogue.entries_of(result.key.probe) if entry.id not in supported)


def _ranked(name: str, scores: Mapping[str, float], catalogue: Catalogue) -> RankedProbe:
    own = {entry.id for entry in catalogue.entries_of(name)} & scores.keys()
    share = sum(scores[entry] for entry in own) / (sum(scores.values()) + NO_CANDIDATE_WEIGHT)
    candidates = tuple(sorted(own, key=lambda entry: (-scores[entry], entry)))
    return RankedProbe(name, candidates, _entropy(share) / catalogue.probes[name].BUDGET)


def _entropy(share: float) -> float:
    """Return the entropy in bits of a yes-or-no question that is true with this probability."""
    if not 0 < share < 1:
        return 0.0
    return -share * log2(share) - (1 - share) * log2(1 - share)
