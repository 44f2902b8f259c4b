"""The page of an entry: the sections that command line and screen show, with what only a page can show."""

from collections.abc import Iterable, Iterator

from kb.models import Entry, FixStep
from kb.render import LANGUAGES
from kb.sections import Block, Bullets, Code, FixBlock, Heading, Prose, Section, Table, sections
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.kinds import changes, evidence, runbooks, tree
from site_docs.markup import (
    anchor,
    entry_id_link,
    entry_path,
    escaped,
    fact,
    fence,
    finding_link,
    flat,
    page,
    paragraphs,
    probe_link,
    prose,
    runbook_link,
    severity,
    tab,
    table,
    to,
)

OPTIONS = "--target lab"
"""What commands on pages name: everything that a page says to run works on the lab as printed."""
BEFORE, AFTER = "The code that fails", "The code that does not"
QUIET = frozenset({"Verify", "References"})
"""Sections whose words say nothing about this entry alone: the search leaves them out."""


def entry_page(entry: Entry, facts: Facts) -> File:
    """The page of one entry."""
    path = entry_path(entry.id)
    lines = [f"# {escaped(entry.title)}", "", *_facts(entry, facts, path), *_retired(entry)]
    lines += paragraphs(entry.summary)
    for section in sections(entry, options=OPTIONS):
        lines += _section(section, entry, facts)
    lines += changes.history(entry.id, entry.since, facts)
    text = page(entry.title, flat(entry.summary), lines, hide=["navigation"])
    return File(path, text, f"kb/entries/{entry.layer}/{entry.id}/entry.yaml")


def _facts(entry: Entry, facts: Facts, path: str) -> Iterator[str]:
    """What a reader decides by, at a glance."""
    probes = facts.catalogue.probes_of(entry)
    yield '<div class="cp-facts" markdown>'
    yield ""
    yield fact("Severity", severity(entry.severity))
    yield fact("Id", f"`{entry.id}`")
    if entry.error_names:
        yield fact("Raised as", ", ".join(f"`{name}`" for name in entry.error_names))
    if entry.modules:
        names = ", ".join(f"`{name}`" for name in entry.modules)
        yield fact("Module", f"[{names}]({to('modules.md', path)})")
    if probes:
        asked = ", ".join(f"{probe_link(one, path)} {facts.probes[one].SAFETY}" for one in probes)
        yield fact("Probe", asked)
    if walks := runbooks.leading_to(entry, facts):
        yield fact("Runbooks", ", ".join(runbook_link(one.id, path) for one in walks))
    yield fact("Last proven", evidence.last_proven(entry, facts, path))
    yield ""
    yield "</div>"
    yield ""


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
        yield from (_heading(f"For {entry.causes[0].finding}"), "")
    for block in _joined(_without_pair(section.blocks)):
        yield from _block(block, entry, facts)
    if section.title == "You see":
        yield from evidence.samples(entry, facts)
    if section.title == "Confirm it":
        yield from evidence.checked(entry, facts)
    if section.title == "Fix":
        yield from _pair(section)


def _without_pair(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """The blocks up to the code pair, which stands in tabs."""
    for block in blocks:
        if block in (Heading(BEFORE), Heading(AFTER)):
            return
        yield block


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
            yield from (_heading(text), "")
        case Bullets(items):
            yield from (f"- {_linked(item)}" for item in items)
            yield ""
        case Code(text, language, caption):
            yield from fence(text, language or "text", caption)
        case Table(header, rows):
            cells = ([_known(cell, facts, path) for cell in row] for row in rows)
            if header[0] != "finding":  # the tree has these rows, and is a list that any reader can read
                yield from table([f"{name[:1].upper()}{name[1:]}" for name in header], cells)
        case FixBlock(number, step):
            yield from _step(number, step)


def _heading(text: str) -> str:
    """A heading within a section; those of fixes are addresses."""
    finding = text.rpartition(" ")[2]
    if text.startswith("For "):
        return f"### If it is `{finding}` {{ #{anchor(finding)} }}"
    # No heading: the table of contents names each cause once, at its fix.
    return f"**{escaped(text)}**"


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


def _step(number: int, step: FixStep) -> Iterator[str]:
    kind = "cp-changes" if step.changes else "cp-reads"
    word = "changes something" if step.changes else "only reads"
    yield f'<div class="cp-step {kind}" markdown>'
    yield ""
    yield f'**{number}. {escaped(step.title)}** <span class="cp-mark">{word}</span>'
    yield ""
    if step.kind == "manual":
        yield from _by_hand(step.code)
    else:
        yield from fence(step.code, LANGUAGES[step.kind])
    if step.changes:
        yield from (f'<span class="cp-undo">Undo</span> {prose(step.undo)}', "")
    if step.why_manual:
        yield from (f'<span class="cp-undo">Why by hand</span> {prose(step.why_manual)}', "")
    yield from ("</div>", "")


def _by_hand(text: str) -> Iterator[str]:
    """Prose whose lines may be a list or commands of their own; those keep their shape."""
    if any(line[:1].isspace() for line in text.splitlines()):
        yield from fence(text)
    else:
        yield from paragraphs(text)


def _pair(section: Section) -> Iterator[str]:
    """What bites and what does not, side by side in tabs, each with its reason."""
    at = [number for number, block in enumerate(section.blocks) if block in (Heading(BEFORE), Heading(AFTER))]
    if not at:
        return
    yield from ("### The code { #code }", "")
    for number, name in zip(at, ("Before", "After"), strict=False):
        match section.blocks[number + 1 : number + 3]:
            case (Prose(why), Code(code)):
                yield from tab(name, [*paragraphs(why), *fence(code, "python")])
    yield ""
