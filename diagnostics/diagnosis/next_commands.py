"""Commands that a diagnosis recommends to run next: those that settle what is open, or verify the fix."""

from collections.abc import Iterator, Sequence

from diagnostics.diagnosis.catalogue import Catalogue, probe_of
from diagnostics.diagnosis.scope import Scope, is_irrelevant
from diagnostics.report.model import Verdict, by_probe
from kb.records.models import Entry


def next_commands(
    scope: Scope, catalogue: Catalogue, entry: Entry, verdict: Verdict, codes: Sequence[str]
) -> Iterator[str]:
    """Yield the commands for an entry: active probes that were not allowed, then `verify` or `explain`.

    `codes` are the findings of the entry, those that prove a cause first.
    """
    command = scope.command
    if not command or verdict == "ruled_out":
        return
    for probe in _held_back(scope, catalogue):
        if _is_relevant(probe, entry, catalogue, decided=verdict == "confirmed"):
            yield command.line("check", probe, active=True)
    proven = {cause.finding for cause in entry.causes}.intersection(codes[:1])
    for code in proven:
        yield command.line("verify", entry.id, active=_needs_active(scope, catalogue, entry, code), wait="2m")
    if codes and not proven:
        yield command.explain(entry.id)
    if verdict == "past" and catalogue.by_text_alone(entry):
        yield command.line("verify", entry.id)


def _held_back(scope: Scope, catalogue: Catalogue) -> list[str]:
    """Return the relevant active probes that were skipped because active probes were not allowed."""
    outcomes = by_probe(scope.results)
    return [
        name
        for name, outcome in outcomes.items()
        if outcome == "skipped" and catalogue.probes[name].SAFETY == "active" and not scope.active
        if name not in scope.inapplicable and not is_irrelevant(name, outcomes, catalogue)
    ]


def _is_relevant(probe: str, entry: Entry, catalogue: Catalogue, *, decided: bool) -> bool:
    """Return True if a probe can confirm a root of the entry or, unless decided, it or a look-alike."""
    provable = catalogue.entries_of(probe)
    if any(entry.id in other.leads_to for other in provable):
        return True
    open_entries = {other.entry for other in entry.not_this} | {entry.id}
    return not decided and any(other.id in open_entries for other in provable)


def _needs_active(scope: Scope, catalogue: Catalogue, entry: Entry, code: str) -> bool:
    """Return True if `verify` needs the options for active probes: an active probe made the finding `code`.

    So it does if the run had them and an active probe of the entry is required: one that reads other probes
    is not where these pass.
    """
    if catalogue.probes[probe_of(code)].SAFETY == "active":
        return True
    ran = {result.key.probe for result in scope.results}
    own = [catalogue.probes[name] for name in catalogue.probes_of(entry) if name in ran]
    return scope.active and any(probe.SAFETY == "active" and not probe.READS for probe in own)
