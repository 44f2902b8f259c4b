"""What changed, from CHANGELOG.md: as a page, and the lines of each entry on its own page."""

import re
from collections.abc import Iterator

from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_id_link, page, to

PATH = "changes.md"
_ID = re.compile(r"`([a-z]+(?:-[a-z]+)+)`")


def changes_page(facts: Facts) -> File:
    """The changelog with its ids as links."""
    lines = ["# Changes", "", *facts.changelog.partition("\n")[2].strip().split("\n")]
    linked = (_ID.sub(lambda found: _link(found[1], facts), line) for line in lines)
    return File(PATH, page("Changes", "What is new, changed and retired.", linked), "CHANGELOG.md")


def history(entry_id: str, since: str, facts: Facts) -> Iterator[str]:
    """Since when an entry is known, and where the changelog names it."""
    path = f"errors/{entry_id}.md"
    yield from ("## History { #history data-search-exclude }", "")
    yield f"- Known since {since}. [All changes]({to(PATH, path)})"
    for version, line in _points(facts.changelog):
        if f"`{entry_id}`" in line:
            yield f"- {version}: {_ID.sub(lambda found: _link(found[1], facts, path), line)}"
    yield f"- Record: `{record(entry_id, facts)}`"
    yield ""


def record(entry_id: str, facts: Facts) -> str:
    """Where an entry's record stands in the repository."""
    return f"kb/entries/{facts.entries[entry_id].layer}/{entry_id}/entry.yaml"


def _link(name: str, facts: Facts, path: str = PATH) -> str:
    return entry_id_link(name, path) if name in facts.entries else f"`{name}`"


def _points(changelog: str) -> Iterator[tuple[str, str]]:
    """Each point of the changelog on one line, with its version."""
    version, point = "", ""
    for line in [*changelog.splitlines(), "## "]:
        if line.startswith("  ") and point:
            point += f" {line.strip()}"
            continue
        if point:
            yield version, point
        point = line[2:] if line.startswith("- ") else ""
        version = line[3:] if line.startswith("## ") else version
