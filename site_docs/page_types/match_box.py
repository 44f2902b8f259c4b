"""Data and scripts of the box on the home page, which matches pasted text in the browser."""

import json
from collections.abc import Iterable

from kb.matching import features, line_context, matcher, merging, parsed_text, results, signals, templates
from kb.matching.index import Index
from kb.matching.index_compiler import compile_index
from kb.matching.shipped_index import load_index
from kb.matching.wording import claims, intent, report_model, word_signals, words
from kb.records.fixes.ways import alternatives
from kb.records.loader import load_entries
from kb.records.models import FixStep
from kb.records.placeholders import fill, fill_text
from kb.text import masking, sanitize, sign_names, signs
from kb.text.logs import envelopes, json_logs, levels, log_prefixes, records, times
from kb.text.masking import (
    cards,
    keyed,
    kubernetes,
    marks,
    names,
    pairs,
    patterns,
    private_keys,
    values,
    vendors,
)
from kb.text.masking.shapes import Shape
from site_docs import javascript
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import single_line
from site_docs.page_types import evidence
from site_docs.page_types.fix_steps import PLATFORMS, edited_file, edited_lines

DATA = "assets/match/knowledge.js"
EXAMPLE = "db-credential-rotation"
STEPS_MAX = 2
"""Steps of a fix that the box shows; the page has all of them."""
SCRIPTS = (
    "patterns",
    "masking",
    "sanitize",
    "templates",
    "signs",
    "report_model",
    "parsed_text",
    "intent",
    "signals",
    "words",
    "records",
    "matcher",
    "box",
)
"""Names of the scripts, each after those that it uses."""
PATHS = tuple(f"assets/match/{name}.js" for name in SCRIPTS)
MATCHER_SCRIPTS = (DATA, *PATHS[:-1])
"""Data and scripts that match a text, without the box: the search of the site uses them too."""
MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        *(signals, json_logs, matcher, merging, log_prefixes, parsed_text, sign_names, signs, line_context),
        *(templates, sanitize, features, claims, intent, report_model, results, word_signals, words),
        *(records, times, levels, envelopes),
        *(masking, cards, keyed, kubernetes, marks, names, private_keys, values),
    )
}
"""Modules whose constants and patterns the scripts use, by their last name."""
PATTERN_TEXTS = {
    "cards": ("RUN", "PART", "ISSUERS", "OLD_VISA", "CARD_WORD", "OTHER_NUMBER"),
    "keyed": (
        *("QUOTED", "ESCAPED", "LEAD", "LIST", "BRACED", "BLOCK", "ESCAPED_BLOCK", "NEXT_LINE", "STRUCTURE"),
        *("BARE", "IN_QUERY", "REST_OF_LINE", "WORDS", "OWN_LINE", "BEFORE_QUERY", "BEFORE_TUPLE", "TUPLE"),
        *("BACKEND", "COUNT", "IDENTIFIER", "INDENT", "NAME_START"),
    ),
    "kubernetes": ("KIND", "DOCUMENT", "DATA", "ITEM", "FLOW_VALUE", "JSON_KIND", "JSON_DATA", "JSON_VALUE"),
    "marks": ("TOKEN", "MARK"),
    "names": ("NAME", "KEY", "PAIR", "KEY_KIND", "QUERY_KIND", "RESOURCE", "API_KEY", "SHORT_KIND", "LETTER"),
    "private_keys": ("BOUNDARY", "LINE", "BASE64", "LAST_WORD"),
    "values": ("PUBLIC", "FIRST_WORD", "SENTENCE", "RANDOM"),
}
"""Constants that are patterns as text: their modules compile them on first use."""


def script_elements() -> list[str]:
    """Return the script elements of the box in loading order."""
    return ["", *(f'<script defer src="{path}"></script>' for path in (DATA, *PATHS))]


def match_data(facts: Facts) -> File:
    """Return the data of the scripts: index, constants, patterns and entries.

    It is a script, because a page that is opened from a disk may not read a JSON file.
    """
    document = {
        "index": _index(facts),
        "model": report_model.load_model(),
        "tables": {name: javascript.tables(module) for name, module in MODULES.items()},
        "patterns": {
            name: javascript.patterns(module, *PATTERN_TEXTS.get(name, ()))
            for name, module in MODULES.items()
        },
        "masks": {
            "structures": _shapes(patterns.STRUCTURES),
            "urls": _shapes(patterns.URLS),
            "vendors": _shapes(vendors.vendor_shapes()),
            "surroundings": _shapes(masking.SURROUNDINGS),
            "elements": _shapes(pairs.ELEMENTS),
            "sentences": _shapes(patterns.SENTENCES),
        },
        "example": _example_text(facts),
        "entries": {entry.id: _entry_data(entry.id, facts) for entry in facts.current_entries},
    }
    data = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return File(DATA, f'"use strict";\n(globalThis.clearpay ??= {{}}).knowledge = {data};\n')


def _index(facts: Facts) -> Index:
    """Return the index of the entries; that of the shipped ones is cached between builds."""
    shipped = facts.entries == dict(load_entries())
    return load_index() if shipped else compile_index(facts.entries.values())


def _shapes(shapes: Iterable[Shape]) -> list[dict[str, object]]:
    """Return patterns of secrets as the scripts use them."""
    return [
        {
            "hints": shape.hints,
            "name": shape.name,
            "checked": shape.checked,
            **javascript.pattern(shape.regex),
        }
        for shape in shapes
    ]


def _entry_data(entry_id: str, facts: Facts) -> dict[str, object]:
    """Return the fields of an entry that the box shows beside a match."""
    entry = facts.entries[entry_id]
    document: dict[str, object] = {
        "severity": entry.severity,
        "summary": entry.summary,
        "check": evidence.command_of(entry, facts.catalogue),
        "differences": {look_alike.entry: look_alike.sign for look_alike in entry.not_this},
        "causes": len(entry.causes),
    }
    if entry.causes:
        cause = entry.causes[0]
        steps = [_step_data(fill(step, {})) for step in cause.fix[:STEPS_MAX]]
        sentence = fill_text(cause.sentence, {})
        document["fix"] = {"sentence": sentence, "steps": steps, "more": max(0, len(cause.fix) - STEPS_MAX)}
    return document


def _step_data(step: FixStep) -> dict[str, object]:
    """Return a step of a fix: its ways by platform, each a command to copy or a text to read.

    For a change of a file, the lines to write; the page has the program that writes them.
    """
    if step.edit:
        return {"title": f"{step.title}, in {edited_file(step)}", "ways": [{"command": edited_lines(step)}]}
    ways = [("", step)] if not step.ways else alternatives(step)
    return {"title": step.title, "ways": [_way_data(label, way) for label, way in ways]}


def _way_data(label: str, way: FixStep) -> dict[str, str]:
    data = {"text" if way.kind == "manual" else "command": way.code.rstrip()}
    if label:
        data["platform"] = PLATFORMS.get(label, label)
    if way.changes:
        data["undo"] = single_line(way.undo)
    return data


def _example_text(facts: Facts) -> str:
    """Return the longest captured output of the example entry's faults: a real traceback."""
    rows = [row for environment in facts.proof.environments[:1] for row in environment.rows.values()]
    return max((row.printed for row in rows if row.entry == EXAMPLE), key=len, default="")
