"""Changelog page from CHANGELOG.md, and the history on the page of each entry."""

import re
from collections.abc import Iterator

from kb.records.models import Entry
from site_docs.facts import ROOT, Facts
from site_docs.file import File
from site_docs.markup import entry_id_link, entry_path, page, prose, relative_link

PATH = "changes.md"
NAMED_MAX = 4
"""Number of entries above which a changelog item is too general for the history of one entry."""
_ID = re.compile(r"`([a-z]+(?:-[a-z]+)+)`")


def changes_page(facts: Facts) -> File:
    """Return the changelog with links for its ids, below the new, renamed and retired entries."""
    changelog = facts.changelog.partition("\n")[2].strip().split("\n")
    linked = (_ID.sub(lambda match: _link(match[1], facts), line) for line in changelog)
    lines = ["# Changes", "", *_entries(facts), *linked]
    text = page("Changes", "New, changed and retired entries, and the changelog.", lines, hide=["navigation"])
    return File(PATH, text, "CHANGELOG.md")


def _entries(facts: Facts) -> Iterator[str]:
    """Yield the lists of new, renamed and retired entries."""
    yield from ("## Errors { #errors }", "")
    versions: dict[str, list[str]] = {}
    for entry in facts.entries.values():
        versions.setdefault(entry.since, []).append(_link(entry.id, facts))
    for version, links in sorted(versions.items(), key=lambda item: _numbers(item[0]), reverse=True):
        yield f"- **New in {version}** {', '.join(links)}"
    renamed = [(old, entry.id) for entry in facts.entries.values() for old in entry.aliases]
    yield from (f"- **Renamed** `{old}` is {_link(new, facts)}" for old, new in renamed)
    retired = [entry for entry in facts.entries.values() if entry.retired]
    yield from (f"- **Retired** {_link(entry.id, facts)} {prose(entry.retired)}" for entry in retired)
    yield from ("", "Each entry lists its own changes under History.", "")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def history(entry: Entry, facts: Facts) -> Iterator[str]:
    """Yield the section with the first version of an entry and its items of the changelog."""
    path = entry_path(entry.id)
    yield from ("## History { #history data-search-exclude }", "")
    yield f"- Known since {entry.since}. [All changes]({relative_link(PATH, path)})"
    yield from (f"- Formerly `{old}`" for old in entry.aliases)
    for version, item in _items(facts.changelog):
        if f"`{entry.id}`" in item:
            yield f"- {version}: {_history_item(item, facts, path)}"
    other = "" if source_of(entry) else ", of a pack or of a team"
    yield f"- Record: `{record_path(entry)}`{other}"
    yield ""


def _history_item(item: str, facts: Facts, path: str) -> str:
    """Return a changelog item with links, or a link to it if it names many entries."""
    names = {name for name in _ID.findall(item) if name in facts.entries}
    if len(names) > NAMED_MAX:
        return f"[named with {len(names) - 1} others]({relative_link(PATH, path)}#errors)"
    return _ID.sub(lambda match: _link(match[1], facts, path), item)


def record_path(entry: Entry) -> str:
    """Return the path of an entry's record below the root of the repository."""
    return f"kb/entries/{entry.layer}/{entry.id}/entry.yaml"


def source_of(entry: Entry) -> str:
    """Return the file of the repository that an edit link opens; empty for an entry that is not shipped."""
    return record_path(entry) if (ROOT / record_path(entry)).exists() else ""


def _link(name: str, facts: Facts, path: str = PATH) -> str:
    return entry_id_link(name, path) if name in facts.entries else f"`{name}`"


def _items(changelog: str) -> Iterator[tuple[str, str]]:
    """Yield each item of the changelog on one line, with its version."""
    version, item = "", ""
    for line in [*changelog.splitlines(), "## "]:
        if line.startswith("  ") and item:
            item += f" {line.strip()}"
            continue
        if item:
            yield version, item
        item = line[2:] if line.startswith("- ") else ""
        version = line[3:] if line.startswith("## ") else version
