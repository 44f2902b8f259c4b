"""Terms of the site's own search: the texts of each page by kind, which `assets/search/find.js` ranks."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from kb.records.models import CauseGroup, Entry
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_path
from site_docs.page_types import match_box
from site_docs.page_types.entry_groups import group_path, part_of
from site_docs.page_types.reference import COMMANDS_PAGE

DATA = "assets/search/terms.js"
MESSAGES_MAX, PHRASES_MAX, SPANS_MAX, SPAN_MAX = 40, 30, 120, 40
"""Messages, phrases and code spans of one page, and characters of a span: the data stays small."""
_FENCE = re.compile(r"^ *(?:`{3,}|~{3,})")
_HEADING = re.compile(r"^(#{1,3}) (.*?)(?: *\{ *(?:#(?P<anchor>[\w-]+))?[^{}]*\})?$")
_SPAN = re.compile(r"`([^`\n]+)`")
_OPTION = re.compile(r"--[a-z][a-z-]+")
"""An option of a command; many pages name options, and the page of the commands explains them."""
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_LIST = re.compile(r'^search: \{"exclude": true\}$', re.MULTILINE)
"""Front matter of a list of all entries, which has words of every page."""
_TITLE = re.compile(r'^title: (".*")$', re.MULTILINE)


def search_terms(facts: Facts, files: Iterable[File]) -> File:
    """Return the terms of all entries and pages as a script, which also works from a disk."""
    entries = {entry_path(entry.id): entry for entry in facts.current_entries}
    documents = [_entry_terms(path, entry) for path, entry in entries.items()]
    groups = [_group_terms(entry, group) for entry in entries.values() for group in entry.groups]
    documents += groups
    documents += [
        _page_terms(path, text) for path, text in _other_pages(facts, files).items() if path not in entries
    ]
    terms, scripts = _json(documents), _json(match_box.MATCHER_SCRIPTS)
    text = f"Object.assign(globalThis.clearpay ??= {{}}, {{ terms: {terms}, scripts: {scripts} }});"
    return File(DATA, f'"use strict";\n{text}\n')


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _other_pages(facts: Facts, files: Iterable[File]) -> Mapping[str, str]:
    """Return the Markdown of the handwritten and the generated pages, without records and moved pages."""
    entries = {entry_path(entry_id) for entry_id in facts.entries}
    entries |= {group_path(entry, group) for entry in facts.entries.values() for group in entry.groups}
    moved = {entry_path(alias) for entry in facts.entries.values() for alias in entry.aliases}
    generated = {file.path: file.text for file in files if file.is_page and file.path not in entries | moved}
    return {**facts.pages, **generated}


def _entry_terms(path: str, entry: Entry) -> dict[str, object]:
    """Return the terms of an entry: its names and messages count more than how users describe it."""
    templates = [symptom.template for symptom in entry.symptoms if symptom.template]
    names = [*entry.error_names, *(symptom.sign for symptom in entry.symptoms if symptom.sign)]
    return {
        "path": path.removesuffix(".md"),
        "title": entry.title,
        "kind": "entry",
        "names": [
            entry.id,
            entry.id.partition("-")[2],
            *names,
            *entry.aliases,
            *(cause.finding for cause in entry.causes if not cause.group),
        ],
        "messages": list(islice((*templates, *entry.other_messages), MESSAGES_MAX)),
        "phrases": [*entry.former_titles, entry.summary, *entry.user_phrases[:PHRASES_MAX]],
    }


def _group_terms(entry: Entry, group: CauseGroup) -> dict[str, object]:
    """Return the terms of a group of causes, which has a page below that of its entry."""
    part = part_of(entry, group)
    return {
        "path": group_path(entry, group).removesuffix(".md"),
        "title": group.title,
        "kind": "group",
        "names": [group.id, *(cause.finding for cause in part.causes)],
        "messages": list(group.messages),
        "phrases": [group.summary, *(cause.sentence for cause in part.causes)],
    }


def _page_terms(path: str, text: str) -> dict[str, object]:
    """Return the terms of another page: its headings, with their anchors, and its code spans."""
    front, headings = text.partition("\n---\n")[0], list(_headings(text))
    title = _TITLE.search(front)
    name = json.loads(title[1]) if title else headings[0][1] if headings else path
    terms: dict[str, object] = {"path": path.removesuffix(".md"), "title": name}
    if not _LIST.search(front):
        spans = [span for span in _SPAN.findall(text) if len(span) < SPAN_MAX and not span.startswith("--")]
        terms |= {"headings": headings[1:], "spans": list(islice(dict.fromkeys(spans), SPANS_MAX))}
    if path == COMMANDS_PAGE:
        terms["names"] = sorted(set(_OPTION.findall(text)))
    return terms


def _headings(text: str) -> Iterator[tuple[str, str]]:
    """Yield the anchor and the text of each heading outside of code blocks."""
    fenced = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (heading := _HEADING.match(line)):
            words = _LINK.sub(r"\1", heading[2]).replace("`", "").strip()
            yield heading["anchor"] or slug(words), words


def slug(heading: str) -> str:
    """Return the anchor that Python-Markdown gives a heading without one."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
