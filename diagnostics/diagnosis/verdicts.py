"""Verdicts on entries, from the matches of a text and the results of probes.

Pure: without sockets and clock, so the TUI can compute them again after each event.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from diagnostics.diagnosis.catalogue import Catalogue, probe_of
from diagnostics.diagnosis.next_commands import next_commands
from diagnostics.diagnosis.scope import CONCLUSIVE, Scope, is_irrelevant
from diagnostics.engine.events import Evidence, Level
from diagnostics.report.evidence_text import evidence_line, for_people
from diagnostics.report.model import Diagnosis, Result, Verdict, by_probe
from kb.records.models import SEVERITIES, Entry
from kb.records.placeholders import EVIDENCE, fill, fill_check, fill_text

if TYPE_CHECKING:
    from kb.matching.matcher import Match  # the type alone: a check without a text loads no matcher

VERDICTS: tuple[Verdict, ...] = ("confirmed", "past", "suspected", "ruled_out")


def diagnose(
    matches: Sequence["Match"], scopes: Sequence[Scope], catalogue: Catalogue
) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of every scope, ordered by verdict as in VERDICTS.

    Entries with the same verdict are in the order in which a request reaches their probes.
    """
    return tuple(
        diagnosis
        for scope in scopes
        for diagnosis in _by_verdict(_VerdictBuilder(scope, matches, catalogue).diagnoses())
    )


class _VerdictBuilder:
    """Diagnoses of one scope; no method changes the state."""

    def __init__(self, scope: Scope, matches: Sequence["Match"], catalogue: Catalogue) -> None:
        self.scope, self.catalogue = scope, catalogue
        self.matches = {match.entry: match for match in matches}
        self.findings = {
            finding.code: (finding.level, result) for result in scope.results for finding in result.findings
        }
        self.outcomes = by_probe(scope.results)

    def diagnoses(self) -> list[Diagnosis]:
        """Return a diagnosis of each entry with a finding or a match; consequences are folded."""
        if not self.findings and not self.matches:
            return []  # without loading an entry: a check without findings needs none
        claims, supports = self.catalogue.claims, self.catalogue.supports
        concerned = [claim.entry for code, claim in claims.items() if code in self.findings]
        concerned += [claim.entry for code in supports if code in self.findings for claim in supports[code]]
        concerned += [self.catalogue.entries[entry] for entry in self.matches]
        unique = {entry.id: entry for entry in self.in_request_order(concerned)}
        confirmed = {entry_id for entry_id, entry in unique.items() if self.codes(entry, "fail")}
        folded = fold_consequences(confirmed, self.catalogue.entries)
        roots = [entry for entry_id, entry in unique.items() if entry_id not in folded]
        return [self.diagnosis(entry, confirmed, folded) for entry in roots]

    def in_request_order(self, entries: Sequence[Entry]) -> list[Entry]:
        """Sort entries by the first probe that made one of their findings, then by severity."""
        order = list(self.catalogue.probes)

        def rank(entry: Entry) -> tuple[int, int]:
            probes = [probe_of(code) for level in ("fail", "warn") for code in self.codes(entry, level)]
            first = min((order.index(probe) for probe in probes), default=len(order))
            return first, SEVERITIES.index(entry.severity)

        return sorted(entries, key=rank)

    def codes(self, entry: Entry, level: Level) -> list[str]:
        """Return the findings of a level that prove causes of the entry, in the order of its causes."""
        own = [cause.finding for cause in entry.causes]
        return [code for code in own if code in self.findings and self.findings[code][0] == level]

    def supporting(self, entry: Entry) -> list[str]:
        """Return the findings that support causes of the entry without proving them, in their order."""
        named = [code for cause in entry.causes for code in cause.supported_by]
        return [code for code in dict.fromkeys(named) if code in self.findings]

    def diagnosis(self, entry: Entry, confirmed: set[str], folded: Mapping[str, str]) -> Diagnosis:
        """Return the diagnosis of an entry by its first proving or else its first supporting finding."""
        verdict = self.verdict(entry, confirmed)
        codes = [*self.codes(entry, "fail"), *self.codes(entry, "warn"), *self.supporting(entry)]
        code = next(iter(codes), "")
        # A supporting finding does not prove a cause, so it gives neither a sentence nor a fix.
        by_text = self.catalogue.by_text_alone(entry) if verdict == "past" else []
        cause = next((cause for cause in entry.causes if cause.finding == code), None)
        if not code and len(by_text) == 1:
            cause, code = by_text[0], by_text[0].finding
        reasons = tuple(self.reasons_for(entry, code))
        values = {**self.scope.values, EVIDENCE: "\n".join(reasons)}
        return Diagnosis(
            entry=entry.id,
            title=entry.title,
            verdict=verdict,
            target=self.scope.target,
            finding=code,
            sentence=fill_text(cause.sentence, self.scope.values) if cause else "",
            for_=reasons,
            against=tuple(self.reasons_against(entry, verdict, confirmed)),
            folded=tuple(sorted(child for child, root in folded.items() if root == entry.id)),
            fix=tuple(fill(step, values) for step in cause.fix) if cause else (),
            next=tuple(next_commands(self.scope, self.catalogue, entry, verdict, codes)),
            manual_check=tuple(
                fill_check(step, self.scope.values) for each in by_text for step in each.manual_check
            ),
            url=f"{self.scope.site_url.rstrip('/')}/errors/{entry.id}/" if self.scope.site_url else "",
        )

    def verdict(self, entry: Entry, confirmed: set[str]) -> Verdict:
        """Return the verdict on an entry, given the ids of the confirmed ones."""
        if entry.id in confirmed:
            return "confirmed"
        if self.codes(entry, "warn") or self.supporting(entry):
            return "suspected"
        by_text_alone, proven = self.catalogue.by_text_alone(entry), self.proven_by_text(entry)
        if not self.examined(entry) and not (by_text_alone and proven):
            return "suspected"
        if self.explained_by(entry, confirmed):
            return "ruled_out"
        if proven:
            return "past"
        return "suspected" if by_text_alone else "ruled_out"

    def examined(self, entry: Entry) -> bool:
        """Return True if every relevant probe that can confirm the entry had a conclusive outcome."""
        probes = self.catalogue.probes_of(entry)
        relevant = [probe for probe in probes if not is_irrelevant(probe, self.outcomes, self.catalogue)]
        return bool(relevant) and all(self.outcomes.get(probe) in CONCLUSIVE for probe in relevant)

    def proven_by_text(self, entry: Entry) -> bool:
        """Return True if the text contains a typed sign or a whole template of the entry."""
        match = self.matches.get(entry.id)
        return bool(match and match.proves)

    def explained_by(self, entry: Entry, confirmed: set[str]) -> str:
        """Return a confirmed entry that shares the signs of the text or leads to this one, if any."""
        signs = self.matches[entry.id].signs if entry.id in self.matches else ()
        shared = (
            other
            for other in confirmed
            if other in self.matches and set(signs) <= set(self.matches[other].signs)
        )
        related = (other for other in confirmed if entry.id in self.catalogue.entries[other].leads_to)
        return next(iter([*shared, *related]), "")

    def reasons_for(self, entry: Entry, code: str) -> Iterator[str]:
        """Yield the reasons for the entry: matched signs of the text, then evidence of the probes."""
        if entry.id in self.matches:
            yield from (f"text: {why}" for why in self.matches[entry.id].why)
        if code in self.findings and code not in self.catalogue.supports:
            _, result = self.findings[code]
            yield from (evidence_line(item) for item in _decisive(result.evidence))
        for support in self.supporting(entry):
            yield from (evidence_line(item) for item in self.evidence_of(support))

    def evidence_of(self, support: str) -> Iterator[Evidence]:
        """Yield the evidence of a supporting finding on every endpoint; its label is the fact in the code."""
        for result in self.scope.results:
            if support in {finding.code for finding in result.findings}:
                items = [item for item in result.evidence if item.name == support.partition(".")[2]]
                yield from for_people(items)

    def reasons_against(self, entry: Entry, verdict: str, confirmed: set[str]) -> Iterator[str]:
        """Yield the reasons against it: a confirmed entry that explains it, and outcomes of its probes."""
        if verdict == "confirmed":
            return
        other = self.explained_by(entry, confirmed)
        if other:
            yield f"{other} is confirmed and explains the same text"
        for result in self.scope.results:
            if result.key.probe in self.catalogue.probes_of(entry):
                yield (
                    f"{result.key.probe} has not run: it is active"
                    if self.held_back(result)
                    else _outcome_text(result)
                )

    def held_back(self, result: Result) -> bool:
        """Return True for an active probe that nobody allowed to run."""
        probe = result.key.probe
        skipped = result.outcome == "skipped" and not result.ms and probe not in self.scope.inapplicable
        return skipped and self.catalogue.probes[probe].SAFETY == "active"


def fold_consequences(confirmed: set[str], entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return the root of each confirmed entry that another confirmed entry leads to, directly or not."""
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


def _by_verdict(diagnoses: Sequence[Diagnosis]) -> list[Diagnosis]:
    return sorted(diagnoses, key=lambda diagnosis: VERDICTS.index(diagnosis.verdict))


def _decisive(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence that did not meet its expectation, or the last three items where all did."""
    return [item for item in evidence if item.ok is False] or list(evidence[-3:])


def _outcome_text(result: Result) -> str:
    codes = ", ".join(finding.code for finding in result.findings)
    reason = f": {result.reason}" if result.reason else ""
    return f"{result.key.probe} ended {result.outcome}" + (f" with {codes}" if codes else "") + reason
