"""Relations between entries and probes: which probe emits a finding, and which cause claims it."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from diagnostics.engine.probe import Probe
from kb.records.models import Cause, Entry


@dataclass(frozen=True)
class Claim:
    """A cause that a finding proves or supports, with its entry."""

    entry: Entry
    cause: Cause


@dataclass(frozen=True)
class Catalogue:
    """Entries and probes, and the relations between them."""

    entries: Mapping[str, Entry]
    probes: Mapping[str, Probe]

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """Cause and entry that each finding proves, by code."""
        return {
            cause.finding: Claim(entry, cause) for entry in self.entries.values() for cause in entry.causes
        }

    @cached_property
    def supports(self) -> dict[str, tuple[Claim, ...]]:
        """Causes and entries that each finding supports without proving them, by code."""
        claims: dict[str, tuple[Claim, ...]] = {}
        for entry in self.entries.values():
            for cause in entry.causes:
                for code in cause.supported_by:
                    claims[code] = (*claims.get(code, ()), Claim(entry, cause))
        return claims

    def supporters_of(self, entry: Entry) -> list[str]:
        """Return the probes whose findings support an entry without proving it, in the order of the table."""
        named = {probe_of(code) for cause in entry.causes for code in cause.supported_by}
        return [probe for probe in self.probes if probe in named]

    def probes_of(self, entry: Entry) -> list[str]:
        """Return the probes whose findings prove an entry, in the order of the table."""
        named = {probe_of(cause.finding) for cause in entry.causes}
        return [probe for probe in self.probes if probe in named]

    def entries_of(self, probe: str) -> list[Entry]:
        """Return the entries that findings of a probe prove."""
        return [entry for entry in self.entries.values() if probe in self.probes_of(entry)]

    def with_needs(self, wanted: Sequence[str]) -> list[str]:
        """Return the probes with all that they need or read, directly or not, in the order of the table."""
        selected: set[str] = set()
        waiting = list(wanted)
        while waiting:
            probe = waiting.pop()
            if probe not in selected:
                selected.add(probe)
                waiting += [*self.probes[probe].NEEDS, *self._read_by(probe)]
        return [probe for probe in self.probes if probe in selected]

    def _read_by(self, probe: str) -> list[str]:
        """Return the probes of the same layer that a probe reads; other layers do not decide its outcome."""
        layer = self.probes[probe].LAYER
        return [name for name in self.probes[probe].READS if layer == self.probes[name].LAYER]

    def problems(self, foreign: Container[str] = ()) -> Iterator[str]:
        """Yield one line per inconsistency: unclaimed codes, causes without a probe, codes claimed twice.

        `foreign` holds the ids of a team's own entries. Their causes may name probes that do not exist, to be
        checked by hand; an unknown code of an existing probe is reported there too.
        """
        emitted = {code for probe in self.probes.values() for code in probe.FINDINGS}
        claimed_by: dict[str, str] = {}
        for entry in self.entries.values():
            for cause in entry.causes:
                if other := claimed_by.get(cause.finding):
                    yield f"{entry.id}: causes: {cause.finding} is already claimed by {other}"
                claimed_by[cause.finding] = entry.id
                by_hand = entry.id in foreign and probe_of(cause.finding) not in self.probes
                if cause.finding not in emitted and not by_hand:
                    near = _nearest(cause.finding, emitted)
                    yield f"{entry.id}: causes: no probe emits {cause.finding}; {near}"
        yield from self._bad_supports(emitted, foreign)
        unnamed = sorted(emitted - set(claimed_by) - set(self.supports))
        yield from (
            f"probe {probe_of(code)}: no cause claims {code}, and it supports none" for code in unnamed
        )

    def _bad_supports(self, emitted: set[str], foreign: Container[str]) -> Iterator[str]:
        """Yield one line per supporting finding that no probe emits."""
        for code, claims in self.supports.items():
            for claim in claims:
                by_hand = claim.entry.id in foreign and probe_of(code) not in self.probes
                if code not in emitted and not by_hand:
                    near = _nearest(code, emitted)
                    yield f"{claim.entry.id}: supported_by: no probe emits {code}; {near}"


def probe_of(code: str) -> str:
    """Return the probe in the code of a finding."""
    return code.partition(".")[0]


def _nearest(code: str, codes: set[str]) -> str:
    from kb.text.suggestions import did_you_mean  # noqa: PLC0415  difflib; loaded for a mistake only

    return did_you_mean(code, codes) or f"known codes: {', '.join(sorted(codes))}"
