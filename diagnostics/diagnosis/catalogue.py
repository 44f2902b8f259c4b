"""Relations between entries and probes: which probe emits a finding, and which cause claims it."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from diagnostics.checks.declared import AllProbes
from diagnostics.engine.probe import Probe
from kb.records.loader import declarations_of
from kb.records.models import Cause, Entry
from kb.text.suggestions import did_you_mean

MANUAL = "manual"
"""Name in place of a probe in the findings of causes that a text alone proves and a person checks."""
MAX_NAMES = 5
"""Findings of a probe that a message lists."""

COMPLETED_BY: Mapping[str, str] = {"connect": "login"}
"""Probe that completes another one: a pooler accepts connections for a server that is down."""
UNSEEN = frozenset(
    {
        "login.no_password",
        "login.pooler_disabled",
        "login.pooler_no_database",
        "login.pooler_parameter",
        "login.pooler_password",
        "login.pooler_server_failing",
        "login.server_behind_pooler",
    }
)
"""Findings of a login that ended before the server itself was seen: they end no other entry."""


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
    """Probes in Python, and after the construction those that the entries declare too."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "probes", AllProbes(self.probes, declarations_of(self.entries)))

    @property
    def in_python(self) -> Mapping[str, Probe]:
        """Probes in Python, without those that entries declare."""
        return self.probes.in_python if isinstance(self.probes, AllProbes) else self.probes

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
        """Return the probes that decide about an entry, in the order of the table.

        They are those whose findings prove it, and those that complete them.
        """
        named = {probe_of(cause.finding) for cause in entry.causes}
        named |= {COMPLETED_BY[probe] for probe in named & COMPLETED_BY.keys()}
        return [probe for probe in self.probes if probe in named]

    def by_text_alone(self, entry: Entry) -> list[Cause]:
        """Return the causes of an entry that no probe can see: a text proves them, a person checks them."""
        return [cause for cause in entry.causes if probe_of(cause.finding) == MANUAL]

    def entries_of(self, probe: str) -> list[Entry]:
        """Return the entries that findings of a probe prove."""
        return [
            entry
            for entry in self.entries.values()
            if any(probe_of(cause.finding) == probe for cause in entry.causes)
        ]

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

    def problems(self, foreign: Container[str] = (), *, lint: bool = False) -> Iterator[str]:
        """Yield one line per inconsistency: unclaimed codes, causes without a probe, codes claimed twice.

        A cause that its text alone proves has a code of the probe `manual`. `foreign` holds the ids of a
        team's own entries: another name that no probe has is reported for them with `lint` only; such an
        entry can be matched and explained, and is never confirmed.
        """
        emitted = {code for probe in self.probes.values() for code in probe.FINDINGS}
        claimed_by: dict[str, str] = {}
        for entry in self.entries.values():
            for cause in entry.causes:
                if other := claimed_by.get(cause.finding):
                    yield f"{entry.id}: causes: {cause.finding} is already claimed by {other}"
                claimed_by[cause.finding] = entry.id
        yield from self._unknown_codes(emitted, foreign, lint=lint)
        alone = {code for probe in self.probes.values() for code in getattr(probe, "WITHOUT_ENTRY", ())}
        unnamed = sorted(emitted - set(claimed_by) - set(self.supports) - alone)
        yield from (
            f"probe {probe_of(code)}: no cause claims {code}, and it supports none" for code in unnamed
        )

    def _unknown_codes(self, emitted: set[str], foreign: Container[str], *, lint: bool) -> Iterator[str]:
        """Yield one line for each code of an entry that no probe emits, once for each of its fields."""
        for entry in self.entries.values():
            own = entry.id in foreign
            causes = dict.fromkeys(cause.finding for cause in entry.causes)
            supports = dict.fromkeys(code for cause in entry.causes for code in cause.supported_by)
            for field, codes in (("causes", causes), ("supported_by", supports)):
                for code in codes:
                    probe = probe_of(code)
                    if code in emitted or (probe == MANUAL and field == "causes"):
                        continue
                    if probe in self.probes:
                        yield f"{entry.id}: {field}: {self._unknown_fact(code)}"
                    elif lint or not own:
                        yield f"{entry.id}: {field}: {self._unknown_probe(code, own=own)}"

    def _unknown_fact(self, code: str) -> str:
        facts = self.probes[probe_of(code)].FINDINGS
        near = did_you_mean(code, facts) or f"it emits {', '.join(facts[:MAX_NAMES])}"
        more = ", and others: clearpay-doctor list findings" if len(facts) > MAX_NAMES else ""
        return f"no probe emits {code}; {near}{'' if near.endswith('?') else more}"

    def _unknown_probe(self, code: str, *, own: bool) -> str:
        near = did_you_mean(probe_of(code), self.probes) or "see: clearpay-doctor list probes"
        by_hand = (
            f"; write {MANUAL}.{code.partition('.')[2]} for a cause that is checked by hand" if own else ""
        )
        return f"{code}: no probe has the name {probe_of(code)!r}; {near}{by_hand}"


def probe_of(code: str) -> str:
    """Return the probe in the code of a finding."""
    return code.partition(".")[0]
