"""Lists of the entries: all, by symptom, by user descriptions, by module."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from kb.records.models import Entry
from kb.text.markdown import code_span
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import (
    entry_id_link,
    entry_link,
    entry_path,
    escaped,
    page,
    raised_names,
    relative_link,
    severity,
    table,
)
from site_docs.page_types import entry_groups

ALL, SYMPTOMS, DESCRIPTIONS, MODULES = "errors/index.md", "symptoms.md", "told.md", "modules.md"
MESSAGES_MAX, SENTENCES_MAX = 10, 15
"""Messages and sentences of one entry in a list of all entries, so that the page stays small."""
Texts = Callable[[Entry], Iterator[str]]
LAYER_NAMES = {"api": "API", "tls": "TLS", "config": "Configuration"}
"""Names of layers that are not the capitalised id."""
SEARCH_EXCLUDED: Mapping[str, object] = {"search": {"exclude": True}}
"""Front matter of lists of all entries, which every search would find."""


def layer_name(layer: str) -> str:
    """Return the name of a layer in a heading."""
    return LAYER_NAMES.get(layer, layer.capitalize())


def entry_line(entry: Entry, path: str, names: str = "") -> str:
    """Return an entry as a line of a list: severity, title, id and further names."""
    all_names = f"`{entry.id}` {names}".rstrip()
    return f'- {severity(entry.severity)} {entry_link(entry, path)} <span class="cp-names">{all_names}</span>'


def all_page(facts: Facts) -> File:
    """Return the page with every entry by layer; below an entry, the groups of its causes."""
    lines = ["# All errors", "", *_filter_data(facts)]
    for layer, entries in facts.layers.items():
        lines += [f"## {layer_name(layer)} {{ #{layer} }}", "", '<div class="cp-entries" markdown>', ""]
        for entry in entries:
            lines.append(entry_line(entry, ALL, raised_names(entry)))
            for group in entry.groups:
                place = relative_link(entry_groups.group_path(entry, group), ALL)
                lines.append(f"    - [{escaped(group.title)}]({place})")
        lines += ["", "</div>", ""]
    retired = [entry for entry in facts.entries.values() if entry.retired]
    if retired:
        lines += ["## Retired", "", *(f"- {entry_link(entry, ALL)}: {entry.retired}" for entry in retired)]
    return File(
        ALL, page("All errors", "Every known error by layer.", lines, **SEARCH_EXCLUDED, hide=["navigation"])
    )


def symptoms_page(facts: Facts) -> File:
    """Return the page with the messages and signs of every entry in alphabetical order."""
    lines = [
        "# By symptom",
        "",
        f"Messages and signs, up to {MESSAGES_MAX} for each error; [the box](index.md) searches all of them.",
        f"Words in angle brackets vary. Without a message, see [descriptions by users]({DESCRIPTIONS}).",
        "",
        *_filter_data(facts),
    ]
    for title, texts in (("Messages", _templates), ("Signs", _signs)):
        rows = ([code_span(text), links] for text, links in _entries_by_text(facts, texts))
        lines += [f"## {title}", "", '<div class="cp-texts" markdown>', ""]
        lines += [*table(["Symptom", "Error"], rows), "</div>", ""]
    description = "The messages and signs of the known errors, verbatim."
    return File(SYMPTOMS, page("By symptom", description, lines, **SEARCH_EXCLUDED, hide=["navigation"]))


def descriptions_page(facts: Facts) -> File:
    """Return the page with the sentences in which users describe each error without its message."""
    rows = (
        [
            f"{severity(entry.severity)}<br>{entry_id_link(entry.id, DESCRIPTIONS)}",
            "<br>".join(map(escaped, entry.user_phrases[:SENTENCES_MAX])),
        ]
        for entry in facts.current_entries
        if entry.user_phrases
    )
    lines = [
        "# By description",
        "",
        f"How users describe an error without its message, up to {SENTENCES_MAX} sentences for each error;",
        f"[the box](index.md) searches all of them. Messages and signs: [By symptom]({SYMPTOMS}).",
        "",
        *_filter_data(facts),
        *table(["Error", "Users say"], rows),
    ]
    text = page(
        "By description",
        "The known errors as users describe them.",
        lines,
        **SEARCH_EXCLUDED,
        hide=["navigation"],
    )
    return File(DESCRIPTIONS, text)


def modules_page(facts: Facts) -> File:
    """Return the page with every module of the application and the errors raised there."""
    by_module: dict[str, list[Entry]] = {}
    for entry in facts.current_entries:
        for module in entry.modules:
            by_module.setdefault(module, []).append(entry)
    lines = ["# By module", "", "The errors that each module of the application raises.", ""]
    lines += _filter_data(facts)
    for module, entries in sorted(by_module.items()):
        anchor = module.replace(".", "-").replace("_", "-")
        lines += [f"## `{module}` {{ #{anchor} }}", "", *_entry_list(entries)]
    unassigned = [entry for entry in facts.current_entries if not entry.modules]
    if unassigned:
        lines += ["## Any module { #any }", "", *_entry_list(unassigned)]
    description = "The known errors by module."
    return File(MODULES, page("By module", description, lines, **SEARCH_EXCLUDED, hide=["navigation"]))


def _entry_list(entries: list[Entry]) -> Iterator[str]:
    yield from ('<div class="cp-entries" markdown>', "")
    for entry in entries:
        yield entry_line(entry, MODULES, raised_names(entry))
    yield from ("", "</div>", "")


def _filter_data(facts: Facts) -> list[str]:
    """Return the data that `narrow.js` filters the page by; without the script, the page shows all."""
    attributes = {
        entry.id: {"layer": entry.layer, "severity": entry.severity, "modules": entry.modules}
        for entry in facts.current_entries
    }
    data = json.dumps(attributes, separators=(",", ":")).replace("<", "\\u003c")
    return [f'<script type="application/json" id="cp-facets">{data}</script>', ""]


def _entries_by_text(facts: Facts, texts: Texts) -> Iterator[tuple[str, str]]:
    """Yield each text in alphabetical order, with links to the entries that have it."""
    by_text: dict[str, list[Entry]] = {}
    for entry in facts.current_entries:
        for text in islice(dict.fromkeys(texts(entry)), MESSAGES_MAX):
            by_text.setdefault(text, []).append(entry)
    for text, entries in sorted(by_text.items(), key=lambda item: item[0].lower()):
        # Not `entry_id_link`: code marks in hundreds of rows would add 6 KB.
        links = (f"[{entry.id}]({relative_link(entry_path(entry.id), SYMPTOMS)})" for entry in entries)
        yield text, "<br>".join(links)


def _templates(entry: Entry) -> Iterator[str]:
    templates = (symptom.template for symptom in entry.symptoms if symptom.template)
    return (" ".join(template.split()) for template in (*templates, *entry.other_messages))


def _signs(entry: Entry) -> Iterator[str]:
    return (symptom.sign for symptom in entry.symptoms if symptom.sign)
