"""The head of an entry's page: what to run, what to change, and what a reader decides by."""

from collections.abc import Iterator

from kb.records.models import Cause, Entry
from site_docs.facts import Facts
from site_docs.markup import (
    anchor,
    entry_path,
    escaped,
    fact,
    fence,
    finding_link,
    probe_link,
    runbook_link,
    severity,
    to,
)
from site_docs.page_types import evidence

CAUSES_MAX = 4
"""Causes that the head names; of more, it says where they stand."""


def options(entry: Entry, facts: Facts) -> str:
    """What commands of an entry end with: all that a page says to run works on the lab as printed."""
    active = any(facts.probes[name].SAFETY == "active" for name in facts.catalogue.probes_of(entry))
    return "--target lab --active" if active else "--target lab"


def command(entry: Entry, facts: Facts) -> str:
    """The one that confirms an entry."""
    return f"clearpay-doctor check {entry.id} {options(entry, facts)}"


def at_once(entry: Entry, facts: Facts) -> Iterator[str]:
    """What to run, and what each answer of it makes one change: for who has no time to read."""
    if not entry.causes:
        return
    yield from ('<div class="cp-now" markdown>', "", "**Run**", "", *fence(command(entry, facts), "sh"))
    yield from ("**Then change**", "")
    if len(entry.causes) > CAUSES_MAX:
        count = len(entry.causes)
        yield f"- what it names: each of the [{count} causes](#which-cause) leads to its fix"
    else:
        yield from (_change(cause, entry) for cause in entry.causes)
    yield from ("", "</div>", "")


def _change(cause: Cause, entry: Entry) -> str:
    """The first step of a fix that changes something, or its first at all."""
    first = next((step for step in cause.fix if step.changes), cause.fix[0])
    link = f"[{escaped(first.title)}](#{anchor(cause.finding)})"
    if len(entry.causes) == 1:
        return f"- {link}"
    return f"- {finding_link(cause.finding, entry.id, entry_path(entry.id))} {escaped(first.title)}"


def facts_box(entry: Entry, facts: Facts) -> Iterator[str]:
    """What a reader decides by."""
    path = entry_path(entry.id)
    yield from ('<div class="cp-facts" markdown>', "")
    yield fact("Severity", severity(entry.severity))
    yield fact("Id", f"`{entry.id}`")
    if entry.error_names:
        yield fact("Raised as", ", ".join(f"`{name}`" for name in entry.error_names))
    if entry.modules:
        names = ", ".join(f"`{name}`" for name in entry.modules)
        yield fact("Module", f"[{names}]({to('modules.md', path)})")
    if probes := facts.catalogue.probes_of(entry):
        asked = (f"{probe_link(one, path)} {facts.probes[one].SAFETY}" for one in probes)
        yield fact("Probe", ", ".join(asked))
    yield fact("Last proven", evidence.last_proven(entry, facts, path))
    if walks := facts.led_to.get(entry.id):
        yield fact("Runbooks", ", ".join(runbook_link(one.id, path) for one in walks))
    yield from ("", "</div>", "")
