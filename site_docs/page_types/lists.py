"""The ways to an entry: all of them, by what is seen, by where it is raised."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from kb.records.models import Entry
from kb.text.markdown import code_span
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_id_link, entry_link, entry_path, escaped, page, severity, table, to

ALL, SYMPTOMS, TOLD, MODULES = "errors/index.md", "symptoms.md", "told.md", "modules.md"
MESSAGES_MOST, SENTENCES_MOST = 10, 15
"""Of one entry, in a list of everything: what a bad line has room for. The box knows them all."""
Texts = Callable[[Entry], Iterator[str]]
UNSEARCHED: Mapping[str, object] = {"search": {"exclude": True}}
"""A list of everything would be an answer to every search."""


def all_page(facts: Facts) -> File:
    """Every entry in one table."""
    rows = (
        [severity(entry.severity), entry_link(entry, ALL), f"`{entry.id}`", entry.layer, _names(entry)]
        for entry in facts.live
    )
    header = ["Severity", "What is wrong", "Id", "Layer", "Raised as"]
    lines = ["# All errors", "", *_facets(facts), *table(header, rows)]
    retired = [entry for entry in facts.entries.values() if entry.retired]
    if retired:
        lines += ["## Retired", "", *(f"- {entry_link(entry, ALL)}: {entry.retired}" for entry in retired)]
    return File(ALL, page("All errors", "Every known error in one table.", lines, **UNSEARCHED))


def symptoms_page(facts: Facts) -> File:
    """The texts and signs of every entry, from A to Z."""
    lines = [
        "# By symptom",
        "",
        f"Messages and signs, at most {MESSAGES_MOST} of one error; [the box](index.md) knows more.",
        f"Words in angle brackets vary. What people say who have no message stands [in their words]({TOLD}).",
        "",
        *_facets(facts),
    ]
    for title, texts in (("Messages", _templates), ("Signs", _signs)):
        rows = ([code_span(text), owners] for text, owners in _seen(facts, texts))
        lines += [f"## {title}", "", *table(["You see", "It may be"], rows)]
    description = "The messages and signs of the known errors, verbatim."
    return File(SYMPTOMS, page("By symptom", description, lines, **UNSEARCHED, hide=["navigation"]))


def told_page(facts: Facts) -> File:
    """Sentences by which people tell an error that they have no message of."""
    rows = (
        [
            f"{severity(entry.severity)}<br>{entry_id_link(entry.id, TOLD)}",
            "<br>".join(map(escaped, entry.told_as[:SENTENCES_MOST])),
        ]
        for entry in facts.live
        if entry.told_as
    )
    lines = [
        "# In people's words",
        "",
        f"How people tell it who have no message, at most {SENTENCES_MOST} sentences of one error;",
        f"[the box](index.md) knows more. Messages and signs stand under [By symptom]({SYMPTOMS}).",
        "",
        *_facets(facts),
        *table(["It may be", "People say"], rows),
    ]
    description = "The known errors by what people say of them."
    return File(TOLD, page("In people's words", description, lines, **UNSEARCHED, hide=["navigation"]))


def modules_page(facts: Facts) -> File:
    """Every module of the application with the errors that it raises."""
    found: dict[str, list[Entry]] = {}
    for entry in facts.live:
        for module in entry.modules:
            found.setdefault(module, []).append(entry)
    lines = ["# By module", "", "Where in the application an error is raised.", "", *_facets(facts)]
    for module, entries in sorted(found.items()):
        lines += [f"## `{module}` {{ #{module.replace('.', '-').replace('_', '-')} }}", "", *_list(entries)]
    homeless = [entry for entry in facts.live if not entry.modules]
    if homeless:
        lines += ["## Any module { #any }", "", *_list(homeless)]
    description = "The known errors by module."
    return File(MODULES, page("By module", description, lines, **UNSEARCHED, hide=["navigation"]))


def _list(entries: list[Entry]) -> Iterator[str]:
    yield from ('<div class="cp-entries" markdown>', "")
    for entry in entries:
        yield f"- {severity(entry.severity)} {entry_link(entry, MODULES)} {_names(entry)}"
    yield from ("", "</div>", "")


def _facets(facts: Facts) -> list[str]:
    """What a script narrows the page by; without the script, the page shows all."""
    known = {
        entry.id: {"layer": entry.layer, "severity": entry.severity, "modules": entry.modules}
        for entry in facts.live
    }
    data = json.dumps(known, separators=(",", ":")).replace("<", "\\u003c")
    return [f'<script type="application/json" id="cp-facets">{data}</script>', ""]


def _names(entry: Entry) -> str:
    return ", ".join(f"`{name}`" for name in entry.error_names)


def _seen(facts: Facts, texts: Texts) -> Iterator[tuple[str, str]]:
    """Each text, from A to Z, with links to the entries that show it."""
    seen: dict[str, list[Entry]] = {}
    for entry in facts.live:
        for text in islice(dict.fromkeys(texts(entry)), MESSAGES_MOST):
            seen.setdefault(text, []).append(entry)
    for text, entries in sorted(seen.items(), key=lambda item: item[0].lower()):
        # Plain, unlike `entry_id_link`: the mark of code in hundreds of rows would weigh 6 KB.
        yield text, "<br>".join(f"[{entry.id}]({to(entry_path(entry.id), SYMPTOMS)})" for entry in entries)


def _templates(entry: Entry) -> Iterator[str]:
    templates = (symptom.template for symptom in entry.symptoms if symptom.template)
    return (" ".join(template.split()) for template in (*templates, *entry.also_said))


def _signs(entry: Entry) -> Iterator[str]:
    return (symptom.sign for symptom in entry.symptoms if symptom.sign)
