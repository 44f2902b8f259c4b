"""The page of an entry: the sections that command line and screen show, with what only a page can show."""

from collections.abc import Iterable, Iterator

from kb.records.models import Cause, Entry
from kb.rendering.sections import Block, Bullets, Code, FixBlock, Heading, Prose, Section, Table, sections
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import (
    anchor,
    entry_id_link,
    entry_path,
    escaped,
    fence,
    finding_link,
    flat,
    page,
    paragraphs,
    probe_link,
    prose,
    table,
)
from site_docs.page_types import changes, entry_head, evidence, tree
from site_docs.page_types.fix_steps import fix_step, labelled, pair, without_pair

QUIET = frozenset({"Verify", "References"})
"""Sections whose words say nothing about this entry alone: the search leaves them out."""


def entry_page(entry: Entry, facts: Facts) -> File:
    """The page of one entry."""
    path = entry_path(entry.id)
    lines = [f"# {escaped(entry.title)}", "", *_retired(entry), *paragraphs(entry.summary)]
    lines += [*entry_head.at_once(entry, facts), *entry_head.facts_box(entry, facts)]
    for section in sections(entry, options=entry_head.options(entry, facts)):
        lines += _section(section, entry, facts)
    lines += changes.history(entry, facts)
    text = page(entry.title, flat(entry.summary), lines, hide=["navigation"])
    return File(path, text, changes.record(entry))


def _retired(entry: Entry) -> Iterator[str]:
    if entry.retired:
        yield from ('!!! warning "Retired"', "", f"    {prose(entry.retired)}", "")


def _section(section: Section, entry: Entry, facts: Facts) -> Iterator[str]:
    name = "".join(letter for letter in section.title.lower() if letter.isalpha() or letter == " ")
    quiet = " data-search-exclude" if section.title in QUIET else ""
    yield f"## {section.title} {{ #{name.replace(' ', '-')}{quiet} }}"
    yield ""
    if section.title == "Which cause":
        yield from tree.decision_tree(entry, facts)
    if section.title == "Fix" and len(entry.causes) == 1:
        yield from _cause(entry.causes[0])
    for block in _joined(_shown(section, entry)):
        yield from _block(block, entry, facts)
    if section.title == "You see":
        yield from evidence.samples(entry, facts)
    if section.title == "Confirm it":
        yield from _active(entry, facts)
        yield from evidence.checked(entry, facts, entry_head.command(entry, facts))
    if section.title == "Fix":
        yield from pair(section)


def _shown(section: Section, entry: Entry) -> Iterable[Block]:
    """The blocks that stand as they are: of several causes the tree has the sentences, each fix the rest."""
    if section.title == "Which cause" and len(entry.causes) > 1:
        return ()
    return without_pair(section.blocks)


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Templates that follow each other are one block of lines."""
    waiting: list[str] = []
    for block in blocks:
        if isinstance(block, Code) and not block.language and not block.caption:
            waiting.append(block.text.strip())
            continue
        if waiting:
            yield Code("\n".join(waiting))
            waiting = []
        yield block
    if waiting:
        yield Code("\n".join(waiting))


def _block(block: Block, entry: Entry, facts: Facts) -> Iterator[str]:
    path = entry_path(entry.id)
    match block:
        case Prose(text):
            yield from paragraphs(text)
        case Heading(text):
            yield from _heading(text, entry)
        case Bullets(items):
            yield from (f"- {_linked(item)}" for item in items)
            yield ""
        case Code(text, language, caption):
            yield from fence(text, language or "text", caption)
        case Table(header, rows):
            cells = ([_known(cell, facts, path) for cell in row] for row in rows)
            yield from table([f"{name[:1].upper()}{name[1:]}" for name in header], cells)
        case FixBlock(number, step):
            yield from fix_step(number, step)


def _heading(text: str, entry: Entry) -> Iterator[str]:
    """A heading within a section; those of fixes say how their cause is told by hand."""
    for cause in entry.causes:
        if text == f"For {cause.finding}":
            yield from _cause(cause)
            yield from labelled("To tell by hand", cause.tell)
            return
    yield from (f"**{escaped(text)}**", "")


def _active(entry: Entry, facts: Facts) -> Iterator[str]:
    """What `--active` in the command means, for those who type it on production."""
    path = entry_path(entry.id)
    probes = facts.catalogue.probes_of(entry)
    if names := [probe_link(one, path) for one in probes if facts.probes[one].SAFETY == "active"]:
        held = "nothing is" if len(names) == len(probes) else "it is not"
        yield f"`--active` lets {', '.join(names)} send what can be felt. Without it, {held} asked."
        yield ""


def _cause(cause: Cause) -> Iterator[str]:
    """The heading of a fix, which is an address."""
    label = f"data-toc-label='{cause.finding}'"
    yield from (f"### If it is `{cause.finding}` {{ #{anchor(cause.finding)} {label} }}", "")


def _known(cell: str, facts: Facts, path: str) -> str:
    """A cell; what has a page is a link."""
    if cell in facts.entries:
        return entry_id_link(cell, path)
    claim = facts.catalogue.claims.get(cell)
    return finding_link(cell, claim.entry.id, path) if claim else prose(cell)


def _linked(item: str) -> str:
    """A point of a list; a reference ends in its address."""
    title, colon, url = item.rpartition(": ")
    return f"[{escaped(title)}]({url})" if colon and url.startswith("https://") else prose(item)
