"""What the text and the results mean. Pure: no socket, no clock; may be asked again after each event."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnostics.diagnosis.catalogue import Catalogue, Claim, probe_of
from diagnostics.engine.events import Evidence, Level, Outcome
from diagnostics.report.evidence_text import evidence_line
from diagnostics.report.model import Diagnosis, Result, Verdict, by_probe
from kb.records.models import SEVERITIES, Cause, Entry
from kb.records.placeholders import fill, fill_text

if TYPE_CHECKING:
    from kb.matching.matcher import Match  # the type alone: a check without a text never matches one

LOOKED = frozenset({"pass", "warn", "fail"})
"""Outcomes that say that a probe saw what it wanted to see."""
VERDICTS: tuple[Verdict, ...] = ("confirmed", "past", "suspected", "ruled_out")


@dataclass(frozen=True, slots=True)
class Scope:
    """One target's share of a run."""

    target: str
    results: tuple[Result, ...]
    values: Mapping[str, str]
    """What fills the placeholders of fixes."""
    site_url: str = ""
    target_option: str = ""
    """The options that name this target on a command line."""
    active: bool = False
    """Whether active probes were allowed to run."""
    active_options: str = "--active"
    """The options that let them run on this target."""


def diagnose(
    matches: Sequence["Match"], scopes: Sequence[Scope], catalogue: Catalogue
) -> tuple[Diagnosis, ...]:
    """The diagnoses of every scope: confirmed roots as a request travels, then past, suspected, ruled out."""
    return tuple(
        diagnosis
        for scope in scopes
        for diagnosis in _ordered(_VerdictBuilder(scope, matches, catalogue).diagnoses())
    )


def is_irrelevant(probe: str, outcomes: Mapping[str, Outcome], catalogue: Catalogue) -> bool:
    """A probe that was left out has nothing to add where all that it builds upon passed."""
    reads = catalogue.probes[probe].READS
    skipped = outcomes.get(probe) == "skipped"
    return skipped and bool(reads) and all(outcomes.get(name) == "pass" for name in reads)


class _VerdictBuilder:
    """Weighs one scope; every method reads, none changes."""

    def __init__(self, scope: Scope, matches: Sequence["Match"], catalogue: Catalogue) -> None:
        self.scope, self.catalogue = scope, catalogue
        self.matches = {match.entry: match for match in matches}
        self.found = {
            finding.code: (finding.level, result) for result in scope.results for finding in result.findings
        }
        self.outcomes = by_probe(scope.results)

    def diagnoses(self) -> list[Diagnosis]:
        """Every entry that a finding or the text speaks of, consequences folded under their root."""
        if not self.found and not self.matches:
            return []  # before any record is looked at: a check that finds nothing reads none
        spoken = [self.claim(code).entry for code in self.catalogue.claims if code in self.found]
        supports = self.catalogue.supports
        spoken += [claim.entry for code in supports if code in self.found for claim in supports[code]]
        spoken += [self.catalogue.entries[entry] for entry in self.matches]
        unique = {entry.id: entry for entry in self.in_travel_order(spoken)}
        confirmed = {entry_id for entry_id, entry in unique.items() if self.codes(entry, "fail")}
        folded = folding(confirmed, self.catalogue.entries)
        kept = [entry for entry_id, entry in unique.items() if entry_id not in folded]
        return [self.judged(entry, confirmed, folded) for entry in kept]

    def in_travel_order(self, entries: Sequence[Entry]) -> list[Entry]:
        """Entries whose findings come first on a request's way first, then the severe ones."""
        order = list(self.catalogue.probes)

        def rank(entry: Entry) -> tuple[int, int]:
            found = [probe_of(code) for level in ("fail", "warn") for code in self.codes(entry, level)]
            return min((order.index(p) for p in found), default=len(order)), SEVERITIES.index(entry.severity)

        return sorted(entries, key=rank)

    def claim(self, code: str) -> Claim:
        """The cause that a finding proves."""
        return self.catalogue.claims[code]

    def codes(self, entry: Entry, level: Level) -> list[str]:
        """The entry's findings of one level that were made."""
        own = [cause.finding for cause in entry.causes]
        return [code for code in own if code in self.found and self.found[code][0] == level]

    def supporting(self, entry: Entry) -> list[str]:
        """The findings made that only raise the suspicion of the entry, in the order of its causes."""
        named = [code for cause in entry.causes for code in cause.supported_by]
        return [code for code in dict.fromkeys(named) if code in self.found]

    def judged(self, entry: Entry, confirmed: set[str], folded: Mapping[str, str]) -> Diagnosis:
        """All that is known of one entry here."""
        verdict = self.verdict(entry, confirmed)
        made = [*self.codes(entry, "fail"), *self.codes(entry, "warn"), *self.supporting(entry)]
        code = next(iter(made), "")
        # A supporting finding proves no cause, so nothing is said of one and no fix is offered.
        cause = next((one for one in entry.causes if one.finding == code), None)
        return Diagnosis(
            entry=entry.id,
            title=entry.title,
            verdict=verdict,
            target=self.scope.target,
            finding=code,
            sentence=fill_text(cause.sentence, self.scope.values) if cause else "",
            for_=tuple(self.reasons_for(entry, code)),
            against=tuple(self.reasons_against(entry, verdict, confirmed)),
            folded=tuple(sorted(child for child, root in folded.items() if root == entry.id)),
            fix=tuple(fill(step, self.scope.values) for step in cause.fix) if cause else (),
            next=tuple(self.commands(entry, verdict, cause)),
            url=f"{self.scope.site_url.rstrip('/')}/errors/{entry.id}/" if self.scope.site_url else "",
        )

    def verdict(self, entry: Entry, confirmed: set[str]) -> Verdict:
        """The verdict on one entry."""
        if entry.id in confirmed:
            return "confirmed"
        if self.codes(entry, "warn") or self.supporting(entry) or not self.looked(entry):
            return "suspected"
        if self.explained_by(entry, confirmed):
            return "ruled_out"
        return "past" if self.proven_by_text(entry) else "ruled_out"

    def looked(self, entry: Entry) -> bool:
        """Whether every probe that could confirm the entry saw what it wanted to see."""
        probes = self.catalogue.probes_of(entry)
        wanted = [probe for probe in probes if not is_irrelevant(probe, self.outcomes, self.catalogue)]
        return bool(wanted) and all(self.outcomes.get(probe) in LOOKED for probe in wanted)

    def proven_by_text(self, entry: Entry) -> bool:
        """Whether the text holds a typed sign or a whole template of the entry."""
        match = self.matches.get(entry.id)
        return bool(match and match.proves)

    def explained_by(self, entry: Entry, confirmed: set[str]) -> str:
        """The confirmed entry that shows the very signs which the text shows of this one."""
        mine = self.matches[entry.id].signs if entry.id in self.matches else ()
        shared = (
            other
            for other in confirmed
            if other in self.matches and set(mine) <= set(self.matches[other].signs)
        )
        related = (other for other in confirmed if entry.id in self.catalogue.entries[other].leads_to)
        return next(iter([*shared, *related]), "")

    def reasons_for(self, entry: Entry, code: str) -> Iterator[str]:
        """What speaks for the entry: words of the text, evidence of the probe."""
        if entry.id in self.matches:
            yield from (f"text: {why}" for why in self.matches[entry.id].why)
        if code and code not in self.catalogue.supports:
            _, result = self.found[code]
            yield from (evidence_line(item) for item in _telling(result.evidence))
        for support in self.supporting(entry):
            yield from (evidence_line(item) for item in self.evidence_of(support))

    def evidence_of(self, support: str) -> Iterator[Evidence]:
        """What a supporting finding was made of: evidence that is named for its fact, in every endpoint."""
        for result in self.scope.results:
            if support in {finding.code for finding in result.findings}:
                yield from (item for item in result.evidence if item.name == support.partition(".")[2])

    def reasons_against(self, entry: Entry, verdict: str, confirmed: set[str]) -> Iterator[str]:
        """What speaks against it."""
        if verdict == "confirmed":
            return
        other = self.explained_by(entry, confirmed)
        if other:
            yield f"{other} is confirmed and explains the same text"
        for result in self.scope.results:
            if result.key.probe in self.catalogue.probes_of(entry):
                yield _said(result)

    def commands(self, entry: Entry, verdict: str, cause: Cause | None) -> Iterator[str]:
        """What to run next: the active probe that would decide, then the verification of the fix."""
        if not self.scope.target_option or verdict == "ruled_out":
            return
        for probe in self.gated():
            if self.concerns(probe, entry, decided=verdict == "confirmed"):
                yield f"clearpay-doctor check {probe} {self.scope.active_options} {self.scope.target_option}"
        if cause:
            felt = self.catalogue.probes[probe_of(cause.finding)].SAFETY == "active"
            options = (
                f"{self.scope.active_options} {self.scope.target_option}"
                if felt
                else self.scope.target_option
            )
            yield f"clearpay-doctor verify {entry.id} {options} --wait 2m"
        elif self.supporting(entry):
            yield f"clearpay-doctor explain {entry.id}"

    def gated(self) -> list[str]:
        """Active probes that did not run only because they were not allowed to."""
        probes = self.catalogue.probes
        return [
            name
            for name, outcome in self.outcomes.items()
            if outcome == "skipped" and probes[name].SAFETY == "active" and not self.scope.active
            if not is_irrelevant(name, self.outcomes, self.catalogue)
        ]

    def concerns(self, probe: str, entry: Entry, *, decided: bool) -> bool:
        """Whether an active probe could still find the entry's root or, while it is open, decide on it."""
        others = self.catalogue.entries_of(probe)
        if any(entry.id in other.leads_to for other in others):
            return True
        near = {other.entry for other in entry.not_this} | {entry.id}
        return not decided and any(other.id in near for other in others)


def folding(confirmed: set[str], entries: Mapping[str, Entry]) -> dict[str, str]:
    """Which confirmed entry folds under which root: those that another leads to, by any number of steps."""
    parents = {
        child: entry_id
        for entry_id in sorted(confirmed)
        for child in entries[entry_id].leads_to
        if child in confirmed
    }
    return {child: _root(child, parents) for child in parents if _root(child, parents) != child}


def _root(entry_id: str, parents: Mapping[str, str]) -> str:
    seen = {entry_id}
    while entry_id in parents and parents[entry_id] not in seen:
        entry_id = parents[entry_id]
        seen.add(entry_id)
    return entry_id


def _ordered(diagnoses: Sequence[Diagnosis]) -> list[Diagnosis]:
    return sorted(diagnoses, key=lambda diagnosis: VERDICTS.index(diagnosis.verdict))


def _telling(evidence: Sequence[Evidence]) -> list[Evidence]:
    """What missed its expectation; all of it where nothing did."""
    return [item for item in evidence if item.ok is False] or list(evidence[-3:])


def _said(result: Result) -> str:
    codes = ", ".join(finding.code for finding in result.findings)
    reason = f": {result.reason}" if result.reason else ""
    return f"{result.key.probe} ended {result.outcome}" + (f" with {codes}" if codes else "") + reason
