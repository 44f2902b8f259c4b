"""Groups of causes that users see as one error: their paths, and the list of them on the entry's page."""

from collections.abc import Iterator
from dataclasses import replace

from kb.records.models import CauseGroup, Entry
from site_docs.markup import entry_path, escaped, fence, fix_anchor, prose, relative_link

MESSAGES_MAX = 3
_FORWARD = """\
<script>
document.querySelector(`a.cp-moved[id="${CSS.escape(location.hash.slice(1))}"]`)?.click();
</script>"""
"""Script of the entry's page: the address of a finding's fix leads on to the page of its group."""


def group_path(entry: Entry, group: CauseGroup) -> str:
    """Return the path of a group's page, below the address of its entry."""
    return f"errors/{entry.id}/{group.id}.md"


def part_of(entry: Entry, group: CauseGroup) -> Entry:
    """Return an entry with the causes of one group only; the code pair stays with the whole entry."""
    causes = tuple(cause for cause in entry.causes if cause.group == group.id)
    return replace(entry, causes=causes, groups=(), before_code="", after_code="")


def group_list(entry: Entry, path: str) -> Iterator[str]:
    """Yield the groups with the messages that lead to each, and every cause at the anchor of its fix."""
    yield from ("## What does the message say? { #which-cause }", "")
    for group in entry.groups:
        place = relative_link(group_path(entry, group), path)
        yield from (
            f"### [{escaped(group.title)}]({place}) {{ #{group.id} data-toc-label='{_label(group)}' }}",
            "",
        )
        yield from (prose(group.summary), "", *fence("\n".join(group.messages[:MESSAGES_MAX])))
        for cause in part_of(entry, group).causes:
            anchor = fix_anchor(cause.finding)
            yield f"- {prose(cause.sentence)} [`{cause.finding}`]({place}#{anchor}){{ #{anchor} .cp-moved }}"
        yield ""
    yield from (_FORWARD, "")


def _label(group: CauseGroup) -> str:
    return group.id.replace("-", " ").capitalize()


def siblings(entry: Entry, group: CauseGroup, path: str) -> Iterator[str]:
    """Yield links from the page of a group to the entry and to the other groups."""
    whole = relative_link(entry_path(entry.id), path)
    yield from ("## Not this? { #not-this }", "")
    yield f"- [{escaped(entry.title)}]({whole}): impact, prevention and errors that look alike"
    for other in entry.groups:
        if other.id != group.id:
            yield f"- [{escaped(other.title)}]({relative_link(group_path(entry, other), path)})"
    yield ""
