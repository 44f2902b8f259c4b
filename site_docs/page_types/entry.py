"""Page of an entry: the sections of `explain`, with links, the decision tree and captured output."""

from collections.abc import Iterable, Iterator, Mapping

from kb.records.models import Cause, CauseGroup, Entry
from kb.records.placeholders import fill_check, fill_text
from kb.rendering.sections import (
    Block,
    Bullets,
    CheckBlock,
    Code,
    FixBlock,
    Heading,
    Prose,
    Section,
    Table,
    sections,
)
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import (
    entry_id_link,
    entry_path,
    escaped,
    fence,
    finding_link,
    fix_anchor,
    page,
    paragraphs,
    probe_link,
    prose,
    single_line,
    table,
)
from site_docs.page_types import changes, entry_groups, entry_head, evidence, tree
from site_docs.page_types.fix_steps import (
    code_pair,
    example_values,
    fix_step,
    manual_check,
    without_code_pair,
)

SEARCH_EXCLUDED = frozenset({"Verify", "References"})
"""Sections with nearly the same words on every page."""
ORDER = (
    *("Which cause", "Fix", "Verify", "Confirm it", "You see", "Impact"),
    *("When this is harmless", "Prevent", "Not this?", "References"),
)
"""Sections below the first screen: first what to do, then the evidence."""
TOC_LABEL_MAX = 52


def entry_pages(entry: Entry, facts: Facts) -> Iterator[File]:
    """Yield the page of an entry; for one whose causes have groups, also a page of each group."""
    path = entry_path(entry.id)
    lines = [*_head(entry, entry.title, path, facts), *paragraphs(entry.summary)]
    parts = _sections(entry, facts)
    if entry.groups:
        lines += entry_groups.group_list(entry, path)
        lines += ["## Fix { #fix }", "", "The fixes stand on the pages of the groups above.", ""]
        lines += code_pair(parts["Fix"])
    else:
        lines += _causes(parts, entry, facts, path)
    for title in ORDER[2:]:
        if section := parts.get(title):
            lines += _section(section, entry, facts, path)
    lines += ["## Facts { #facts data-search-exclude }", "", *entry_head.facts_box(entry, facts)]
    lines += changes.history(entry, facts)
    text = page(entry.title, single_line(entry.summary), lines, hide=["navigation"])
    yield File(path, text, changes.source_of(entry))
    for group in entry.groups:
        yield _group_page(entry, group, facts)


def _group_page(entry: Entry, group: CauseGroup, facts: Facts) -> File:
    """Return the page of the causes that users see as one error."""
    path, part = entry_groups.group_path(entry, group), entry_groups.part_of(entry, group)
    lines = [*_head(part, group.title, path, facts), *paragraphs(group.summary)]
    lines += ["## You see { #you-see }", "", *fence("\n".join(group.messages))]
    parts = _sections(part, facts)
    lines += _causes(parts, part, facts, path)
    lines += [line for title in ORDER[2:4] for line in _section(parts[title], part, facts, path)]
    lines += entry_groups.siblings(entry, group, path)
    text = page(group.title, single_line(group.summary), lines, hide=["navigation"])
    return File(path, text, changes.source_of(entry))


def _head(entry: Entry, title: str, path: str, facts: Facts) -> Iterator[str]:
    yield from (f"# {escaped(title)}", "")
    yield from _retired(entry)
    yield from entry_head.status_line(entry, path)
    yield from entry_head.first_screen(entry, facts)


def _causes(parts: Mapping[str, Section], entry: Entry, facts: Facts, path: str) -> Iterator[str]:
    """Yield how to tell the causes apart, and their fixes."""
    for title in ORDER[:2]:
        if section := parts.get(title):
            yield from _section(section, entry, facts, path)


def _sections(entry: Entry, facts: Facts) -> Mapping[str, Section]:
    """Return the sections of an entry by their title."""
    options = "--active" if evidence.is_active(entry, facts.catalogue) else ""
    return {section.title: section for section in sections(entry, options=options)}


def _retired(entry: Entry) -> Iterator[str]:
    if entry.retired:
        yield from ('!!! warning "Retired"', "", f"    {prose(entry.retired)}", "")


def _section(section: Section, entry: Entry, facts: Facts, path: str) -> Iterator[str]:
    anchor = "".join(letter for letter in section.title.lower() if letter.isalpha() or letter == " ")
    excluded = " data-search-exclude" if section.title in SEARCH_EXCLUDED else ""
    yield f"## {section.title} {{ #{anchor.replace(' ', '-')}{excluded} }}"
    yield ""
    if section.title == "Which cause":
        yield from tree.decision_tree(entry, facts, path)
    if section.title == "Fix" and len(entry.causes) == 1:
        yield from _cause_heading(entry.causes[0])
    if section.title == "Confirm it":
        yield from ('<span id="cp-target"></span>', "")
    for block in _join_templates(_page_blocks(section, entry)):
        yield from _block(block, entry, facts, path)
    if section.title == "You see":
        yield from evidence.sample_texts(entry, facts)
    if section.title == "Confirm it":
        yield from _active_note(entry, facts, path)
        yield from evidence.captured_checks(entry, facts)
    if section.title == "Fix":
        yield from example_values(section)
        yield from code_pair(section)


def _page_blocks(section: Section, entry: Entry) -> Iterable[Block]:
    """Return the blocks that the page shows unchanged.

    The causes of an entry with several stand in the decision tree and at their fixes, and the code pair in
    its tabs.
    """
    if section.title == "Which cause" and len(entry.causes) > 1:
        return ()
    return without_code_pair(section.blocks)


def _join_templates(blocks: Iterable[Block]) -> Iterator[Block]:
    """Join templates that follow each other into one block of lines."""
    templates: list[str] = []
    for block in blocks:
        if isinstance(block, Code) and not block.language and not block.caption:
            templates.append(block.text.strip())
            continue
        if templates:
            yield Code("\n".join(templates))
            templates = []
        yield block
    if templates:
        yield Code("\n".join(templates))


def _block(block: Block, entry: Entry, facts: Facts, path: str) -> Iterator[str]:
    match block:
        case Prose(text):
            yield from paragraphs(text)
        case Heading(text):
            yield from _heading(text, entry)
        case Bullets(items):
            yield from (f"- {_bullet(item)}" for item in items)
            yield ""
        case Code(text, language, caption):
            yield from fence(text, language or "text", caption)
        case Table(header, rows):
            cells = ([_cell(cell, facts, path) for cell in row] for row in rows)
            yield from table([f"{name[:1].upper()}{name[1:]}" for name in header], cells)
        case CheckBlock(steps):
            yield from manual_check(steps)
        case FixBlock(number, step):
            yield from fix_step(number, step)


def _heading(text: str, entry: Entry) -> Iterator[str]:
    """Yield a heading within a section; below the heading of a fix, the manual check of its cause."""
    for cause in entry.causes:
        if text == f"For {cause.finding}":
            yield from _cause_heading(cause)
            yield from ("**Check by hand**", "")
            yield from manual_check([fill_check(step, {}) for step in cause.manual_check])
            return
    yield from (f"**{escaped(text)}**", "")


def _active_note(entry: Entry, facts: Facts, path: str) -> Iterator[str]:
    """Yield a note on the active probes of a command, for readers who run it on production."""
    probes = facts.catalogue.probes_of(entry)
    if names := [probe_link(name, path) for name in probes if facts.probes[name].SAFETY == "active"]:
        skipped = "no probe runs" if len(names) == len(probes) else "these probes are skipped"
        yield f"`--active` also runs intrusive probes: {', '.join(names)}. Without it, {skipped}."
        yield ""


def _cause_heading(cause: Cause) -> Iterator[str]:
    """Yield the heading of a fix, whose anchor is part of the addresses that reports link to."""
    sentence = fill_text(cause.sentence, {})
    label = toc_label(sentence).replace("'", "&#39;")
    yield from (
        f"### {prose(sentence).rstrip('.')} {{ #{fix_anchor(cause.finding)} data-toc-label='{label}' }}",
        "",
    )
    yield from (f"`{cause.finding}`", "")


def toc_label(sentence: str) -> str:
    """Return the beginning of a sentence, up to a whole word, for the table of contents."""
    words = single_line(sentence).replace("`", "").rstrip(".")
    if len(words) <= TOC_LABEL_MAX:
        return words
    return f"{words[:TOC_LABEL_MAX].rsplit(' ', 1)[0].rstrip(',;:')}…"


def _cell(cell: str, facts: Facts, path: str) -> str:
    """Return the cell of a table: an entry or a finding as a link, other text escaped."""
    if cell in facts.entries:
        return entry_id_link(cell, path)
    claim = facts.catalogue.claims.get(cell)
    return finding_link(cell, claim.entry.id, path) if claim else prose(cell)


def _bullet(item: str) -> str:
    """Return an item of a list; a reference, which ends in its address, as a link."""
    title, colon, url = item.rpartition(": ")
    return f"[{escaped(title)}]({url})" if colon and url.startswith("https://") else prose(item)
