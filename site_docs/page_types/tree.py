"""The decision as a tree: a plain list of lists that a style sheet draws. It breaks lines on a phone."""

from collections.abc import Iterator

from diagnostics.diagnosis.catalogue import probe_of
from kb.records.models import Entry
from site_docs.facts import Facts, question
from site_docs.markup import entry_path, finding_link, probe_link, prose
from site_docs.page_types import entry_head


def decision_tree(entry: Entry, facts: Facts) -> Iterator[str]:
    """Probe by probe, in the order in which they run: what each asks, and what each answer means."""
    path = entry_path(entry.id)
    probes = facts.catalogue.probes_of(entry)
    if len(entry.causes) == 1:
        return
    yield from ('<div class="cp-tree" markdown>', "")
    yield f"- `{entry_head.command(entry, facts)}`"
    for name in probes:
        yield f"    - {probe_link(name, path)} {prose(question(facts.probes[name]))}"
        for cause in entry.causes:
            if probe_of(cause.finding) == name:
                yield f"        - {finding_link(cause.finding, entry.id, path)} {prose(cause.sentence)}"
    if entry.not_this:
        yield "    - none of these: [the look-alikes](#not-this)"
    yield from ("", "</div>", "")
