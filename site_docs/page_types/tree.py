"""Decision tree of an entry: a nested Markdown list that a style sheet draws, so that it wraps on a phone."""

from collections.abc import Iterator

from diagnostics.diagnosis.catalogue import probe_of
from kb.records.models import Entry
from site_docs.facts import Facts
from site_docs.markup import entry_path, finding_link, probe_link, prose
from site_docs.page_types import entry_head


def decision_tree(entry: Entry, facts: Facts) -> Iterator[str]:
    """Yield the tree: the command, its probes in the order in which they run, and the causes they confirm.

    An entry with one cause needs no tree.
    """
    path = entry_path(entry.id)
    probes = facts.catalogue.probes_of(entry)
    if len(entry.causes) == 1:
        return
    yield from ('<div class="cp-tree" markdown>', "")
    yield f"- `{entry_head.check_command(entry, facts)}`"
    for name in probes:
        yield f"    - {probe_link(name, path)} {prose(facts.probes[name].QUESTION)}"
        for cause in entry.causes:
            if probe_of(cause.finding) == name:
                yield f"        - {finding_link(cause.finding, entry.id, path)} {prose(cause.sentence)}"
    if entry.not_this:
        yield "    - none of these: [the look-alikes](#not-this)"
    yield from ("", "</div>", "")
