"""Head of an entry's page: the command to run, the change to make, and the box of facts."""

from collections.abc import Iterator

from kb.records.models import Cause, Entry
from site_docs.facts import Facts
from site_docs.markup import (
    entry_path,
    escaped,
    fact,
    fence,
    finding_link,
    fix_anchor,
    probe_link,
    relative_link,
    runbook_link,
    severity,
)
from site_docs.page_types import evidence

CAUSES_MAX = 4
"""Number of causes that the head names; for more, it links to their section."""


def target_options(entry: Entry, facts: Facts) -> str:
    """Return the options of an entry's commands, so that each works on the lab as printed."""
    active = any(facts.probes[name].SAFETY == "active" for name in facts.catalogue.probes_of(entry))
    return "--target lab --active" if active else "--target lab"


def check_command(entry: Entry, facts: Facts) -> str:
    """Return the command that confirms an entry."""
    return f"clearpay-doctor check {entry.id} {target_options(entry, facts)}"


def summary_box(entry: Entry, facts: Facts) -> Iterator[str]:
    """Yield a box with the command to run and, for each finding, the change to make."""
    if not entry.causes:
        return
    yield from ('<div class="cp-now" markdown>', "", "**Run**", "", *fence(check_command(entry, facts), "sh"))
    yield from ("**Then change**", "")
    if len(entry.causes) > CAUSES_MAX:
        count = len(entry.causes)
        yield f"- the cause that it names: each of the [{count} causes](#which-cause) links to its fix"
    else:
        yield from (_change(cause, entry) for cause in entry.causes)
    yield from ("", "</div>", "")


def _change(cause: Cause, entry: Entry) -> str:
    """Return the first step of a fix that changes something, or its first step if none does."""
    first = next((step for step in cause.fix if step.changes), cause.fix[0])
    link = f"[{escaped(first.title)}](#{fix_anchor(cause.finding)})"
    if len(entry.causes) == 1:
        return f"- {link}"
    return f"- {finding_link(cause.finding, entry.id, entry_path(entry.id))} {escaped(first.title)}"


def facts_box(entry: Entry, facts: Facts) -> Iterator[str]:
    """Yield the box of facts: severity, id, exception names, modules, probes, proof and runbooks."""
    path = entry_path(entry.id)
    yield from ('<div class="cp-facts" markdown>', "")
    yield fact("Severity", severity(entry.severity))
    yield fact("Id", f"`{entry.id}`")
    if entry.error_names:
        yield fact("Raised as", ", ".join(f"`{name}`" for name in entry.error_names))
    if entry.modules:
        names = ", ".join(f"`{name}`" for name in entry.modules)
        yield fact("Module", f"[{names}]({relative_link('modules.md', path)})")
    if probes := facts.catalogue.probes_of(entry):
        links = (f"{probe_link(name, path)} {facts.probes[name].SAFETY}" for name in probes)
        yield fact("Probe", ", ".join(links))
    yield fact("Last proven", evidence.last_proven(entry, facts, path))
    if runbooks := facts.runbooks_by_entry.get(entry.id):
        yield fact("Runbooks", ", ".join(runbook_link(runbook.id, path) for runbook in runbooks))
    yield from ("", "</div>", "")
