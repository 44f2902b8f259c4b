"""The ways to an entry: all of them, by what is seen, by where it is raised."""

from collections.abc import Callable, Iterator, Mapping

from kb.markup import code_span
from kb.models import Entry
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_id_link, entry_link, escaped, page, severity, table

ALL, SYMPTOMS, MODULES = "errors/index.md", "symptoms.md", "modules.md"
Texts = Callable[[Entry], Iterator[str]]
UNSEARCHED: Mapping[str, object] = {"search": {"exclude": True}}
"""A list of everything would be an answer to every search."""


def all_page(facts: Facts) -> File:
    """Every entry in one table."""
    rows = (
        [severity(entry.severity), entry_link(entry, ALL), f"`{entry.id}`", entry.layer, _names(entry)]
        for entry in facts.live
    )
    lines = ["# All errors", "", *table(["Severity", "What is wrong", "Id", "Layer", "Raised as"], rows)]
    retired = [entry for entry in facts.entries.values() if entry.retired]
    if retired:
        lines += ["## Retired", "", *(f"- {entry_link(entry, ALL)}: {entry.retired}" for entry in retired)]
    return File(ALL, page("All errors", "Every known error in one table.", lines, **UNSEARCHED))


def symptoms_page(facts: Facts) -> File:
    """Every text and sign that is known, from A to Z."""
    lines = [
        "# By symptom",
        "",
        "Find what you see with the browser's search, or [paste it](index.md). Words in angle brackets vary.",
        "",
    ]
    for title, seen in (
        ("Messages", _seen(facts, _templates)),
        ("Signs", _seen(facts, _signs)),
        ("In people's words", _seen(facts, _told)),
    ):
        rows = (
            [code_span(text) if title != "In people's words" else escaped(text), _owners(entries)]
            for text, entries in sorted(seen.items(), key=lambda item: item[0].lower())
        )
        if seen:
            lines += [f"## {title}", "", *table(["You see", "It may be"], rows)]
    description = "Every message and sign of the known errors, verbatim."
    return File(SYMPTOMS, page("By symptom", description, lines, **UNSEARCHED, hide=["navigation"]))


def modules_page(facts: Facts) -> File:
    """Every module of the application with the errors that it raises."""
    found: dict[str, list[Entry]] = {}
    for entry in facts.live:
        for module in entry.modules:
            found.setdefault(module, []).append(entry)
    lines = ["# By module", "", "Where in the application an error is raised.", ""]
    for module, entries in sorted(found.items()):
        lines += [f"## `{module}` {{ #{module.replace('.', '-').replace('_', '-')} }}", ""]
        lines += [
            f"- {severity(entry.severity)} {entry_link(entry, MODULES)}{_raised(entry)}" for entry in entries
        ]
        lines += [""]
    homeless = [entry for entry in facts.live if not entry.modules]
    if homeless:
        lines += ["## Any module { #any }", ""]
        lines += [f"- {severity(entry.severity)} {entry_link(entry, MODULES)}" for entry in homeless]
    return File(
        MODULES, page("By module", "The known errors by module.", lines, **UNSEARCHED, hide=["navigation"])
    )


def _names(entry: Entry) -> str:
    return ", ".join(f"`{name}`" for name in entry.error_names)


def _raised(entry: Entry) -> str:
    return f" {_names(entry)}" if entry.error_names else ""


def _owners(entries: list[Entry]) -> str:
    return "<br>".join(entry_id_link(entry.id, SYMPTOMS) for entry in entries)


def _seen(facts: Facts, texts: Texts) -> dict[str, list[Entry]]:
    seen: dict[str, list[Entry]] = {}
    for entry in facts.live:
        for text in dict.fromkeys(texts(entry)):
            seen.setdefault(text, []).append(entry)
    return seen


def _templates(entry: Entry) -> Iterator[str]:
    templates = (symptom.template for symptom in entry.symptoms if symptom.template)
    return (" ".join(template.split()) for template in (*templates, *entry.also_said))


def _signs(entry: Entry) -> Iterator[str]:
    return (symptom.sign for symptom in entry.symptoms if symptom.sign)


def _told(entry: Entry) -> Iterator[str]:
    return iter(entry.told_as)
