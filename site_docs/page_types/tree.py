"""Decision tree of an entry: a nested Markdown list that a style sheet draws, so that it wraps on a phone."""

from collections.abc import Iterator

from diagnostics.diagnosis.catalogue import probe_of
from kb.records.models import Entry
from site_docs.facts import Facts
from site_docs.markup import entry_path, fix_anchor, probe_link, prose
from site_docs.page_types import evidence


def decision_tree(entry: Entry, facts: Facts, path: str) -> Iterator[str]:
    """Yield the tree: the command, its probes in the order in which they run, and the causes they confirm.

    An entry with one cause needs no tree.
    """
    probes = facts.catalogue.probes_of(entry)
    if len(entry.causes) == 1:
        return
    yield from ('<div class="cp-tree" markdown>', "")
    yield f"- `{evidence.command_of(entry, facts.catalogue)}`"
    for name in probes:
        causes = [cause for cause in entry.causes if probe_of(cause.finding) == name]
        if causes or path == entry_path(entry.id):
            yield f"    - {probe_link(name, path)} {prose(facts.probes[name].QUESTION)}"
        for cause in causes:
            yield f"        - [`{cause.finding}`](#{fix_anchor(cause.finding)}) {prose(cause.sentence)}"
    if by_hand := facts.catalogue.by_text_alone(entry):
        yield "    - the text alone, which no probe can see:"
        for cause in by_hand:
            yield f"        - [`{cause.finding}`](#{fix_anchor(cause.finding)}) {prose(cause.sentence)}"
    if entry.not_this and path == entry_path(entry.id):
        yield "    - none of these: [the look-alikes](#not-this)"
    yield from ("", "</div>", "")
