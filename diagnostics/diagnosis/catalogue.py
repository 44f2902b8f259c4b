"""Records held against probes: who may emit a code, and which cause claims it."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from diagnostics.engine.probe import Probe
from kb.records.models import Cause, Entry


@dataclass(frozen=True)
class Claim:
    """The cause that a finding proves, in its entry."""

    entry: Entry
    cause: Cause


@dataclass(frozen=True)
class Catalogue:
    """The one place that knows both sides."""

    entries: Mapping[str, Entry]
    probes: Mapping[str, Probe]

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """The claim on each finding that some cause names."""
        return {
            cause.finding: Claim(entry, cause) for entry in self.entries.values() for cause in entry.causes
        }

    @cached_property
    def supports(self) -> dict[str, tuple[Claim, ...]]:
        """The causes that each finding makes suspected without proving them."""
        found: dict[str, tuple[Claim, ...]] = {}
        for entry in self.entries.values():
            for cause in entry.causes:
                for code in cause.supported_by:
                    found[code] = (*found.get(code, ()), Claim(entry, cause))
        return found

    def supporters_of(self, entry: Entry) -> list[str]:
        """The probes that can make an entry suspected and never confirm it, in the order of the table."""
        named = {probe_of(code) for cause in entry.causes for code in cause.supported_by}
        return [probe for probe in self.probes if probe in named]

    def probes_of(self, entry: Entry) -> list[str]:
        """The probes that can confirm an entry, in the order of the table."""
        named = {probe_of(cause.finding) for cause in entry.causes}
        return [probe for probe in self.probes if probe in named]

    def entries_of(self, probe: str) -> list[Entry]:
        """The entries that a probe's findings can confirm."""
        return [entry for entry in self.entries.values() if probe in self.probes_of(entry)]

    def with_needs(self, wanted: Sequence[str]) -> list[str]:
        """The probes and all that they need or read, in the order of the table."""
        chosen: set[str] = set()
        waiting = list(wanted)
        while waiting:
            probe = waiting.pop()
            if probe not in chosen:
                chosen.add(probe)
                waiting += [*self.probes[probe].NEEDS, *self._read_by(probe)]
        return [probe for probe in self.probes if probe in chosen]

    def _read_by(self, probe: str) -> list[str]:
        """What a probe reads in its own layer: a check of the API does not fail for a configuration file."""
        layer = self.probes[probe].LAYER
        return [name for name in self.probes[probe].READS if layer == self.probes[name].LAYER]

    def problems(self, foreign: Container[str] = ()) -> Iterator[str]:
        """Codes that no cause names, causes without a probe, codes claimed twice: one line each.

        `foreign` holds the ids of a team's own entries. No probe of theirs exists, so their causes may be
        told by hand alone; a misspelt code of one of our probes is a mistake there too.
        """
        emitted = {code for probe in self.probes.values() for code in probe.FINDINGS}
        seen: dict[str, str] = {}
        for entry in self.entries.values():
            for cause in entry.causes:
                if cause.finding in seen:
                    yield f"{entry.id}: causes: {cause.finding} is already claimed by {seen[cause.finding]}"
                seen[cause.finding] = entry.id
                by_hand = entry.id in foreign and probe_of(cause.finding) not in self.probes
                if cause.finding not in emitted and not by_hand:
                    near = _nearest(cause.finding, emitted)
                    yield f"{entry.id}: causes: no probe emits {cause.finding}; {near}"
        yield from self._bad_supports(emitted, foreign)
        unnamed = sorted(emitted - set(seen) - set(self.supports))
        yield from (
            f"probe {probe_of(code)}: no cause claims {code}, and it supports none" for code in unnamed
        )

    def _bad_supports(self, emitted: set[str], foreign: Container[str]) -> Iterator[str]:
        """What causes name as their support and no probe emits."""
        for code, claims in self.supports.items():
            for claim in claims:
                by_hand = claim.entry.id in foreign and probe_of(code) not in self.probes
                if code not in emitted and not by_hand:
                    near = _nearest(code, emitted)
                    yield f"{claim.entry.id}: supported_by: no probe emits {code}; {near}"


def probe_of(code: str) -> str:
    """The probe in a finding's name."""
    return code.partition(".")[0]


def _nearest(code: str, known: set[str]) -> str:
    from kb.text.suggestions import did_you_mean  # noqa: PLC0415  difflib is only worth loading for a mistake

    return did_you_mean(code, known) or f"known codes: {', '.join(sorted(known))}"
