"""What changed, from CHANGELOG.md: as a page, and the lines of each entry on its own page."""

import re
from collections.abc import Iterator

from kb.records.models import Entry
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_id_link, entry_path, page, prose, to

PATH = "changes.md"
NAMED_MAX = 4
_ID = re.compile(r"`([a-z]+(?:-[a-z]+)+)`")


def changes_page(facts: Facts) -> File:
    """What became of the entries by their records, then the changelog with its ids as links."""
    points = facts.changelog.partition("\n")[2].strip().split("\n")
    linked = (_ID.sub(lambda found: _link(found[1], facts), line) for line in points)
    lines = ["# Changes", "", *_entries(facts), *linked]
    text = page("Changes", "What is new, changed and retired.", lines, hide=["navigation"])
    return File(PATH, text, "CHANGELOG.md")


def _entries(facts: Facts) -> Iterator[str]:
    """Which entries are new, have another id, or are retired."""
    yield from ("## Errors { #errors }", "")
    versions: dict[str, list[str]] = {}
    for entry in facts.entries.values():
        versions.setdefault(entry.since, []).append(_link(entry.id, facts))
    for version, links in sorted(versions.items(), key=lambda item: _number(item[0]), reverse=True):
        yield f"- **New in {version}** {', '.join(links)}"
    renamed = [(old, entry.id) for entry in facts.entries.values() for old in entry.aliases]
    yield from (f"- **Renamed** `{old}` is {_link(new, facts)}" for old, new in renamed)
    retired = [entry for entry in facts.entries.values() if entry.retired]
    yield from (f"- **Retired** {_link(entry.id, facts)} {prose(entry.retired)}" for entry in retired)
    yield from ("", "What changed in an error stands in its own history, and below in its version.", "")


def _number(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def history(entry: Entry, facts: Facts) -> Iterator[str]:
    """Since when an entry is known, and where the changelog names it."""
    path = entry_path(entry.id)
    yield from ("## History { #history data-search-exclude }", "")
    yield f"- Known since {entry.since}. [All changes]({to(PATH, path)})"
    yield from (f"- Once called `{old}`" for old in entry.aliases)
    for version, line in _points(facts.changelog):
        if f"`{entry.id}`" in line:
            yield f"- {version}: {_point(line, facts, path)}"
    yield f"- Record: `{record(entry)}`"
    yield ""


def _point(line: str, facts: Facts, path: str) -> str:
    """A point of the changelog; one that names many errors tells nothing of one of them."""
    others = {name for name in _ID.findall(line) if name in facts.entries}
    if len(others) > NAMED_MAX:
        return f"[named with {len(others) - 1} others]({to(PATH, path)}#errors)"
    return _ID.sub(lambda found: _link(found[1], facts, path), line)


def record(entry: Entry) -> str:
    """Where an entry's record stands in the repository."""
    return f"kb/entries/{entry.layer}/{entry.id}/entry.yaml"


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
