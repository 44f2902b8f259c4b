"""Data and scripts of the box on the home page, which matches pasted text in the browser."""

import json
from collections.abc import Iterable

from kb.matching import features, line_context, matcher, merging, parsed_text, results, signals, templates
from kb.matching.index_compiler import compile_index
from kb.matching.wording import claims, intent, report_model, word_signals, words
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
from site_docs.page_types import entry_head

DATA = "assets/match/knowledge.js"
EXAMPLE = "db-credential-rotation"
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
    paths = (DATA, *(f"assets/match/{name}.js" for name in SCRIPTS))
    return ["", *(f'<script defer src="{path}"></script>' for path in paths)]


def match_data(facts: Facts) -> File:
    """Return the data of the scripts: index, constants, patterns and entries.

    It is a script, because a page that is opened from a disk may not read a JSON file.
    """
    document = {
        "index": compile_index(facts.entries.values()),
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
    return File(DATA, f'"use strict";\nglobalThis.clearpay = {{ knowledge: {data} }};\n')


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
    return {
        "severity": entry.severity,
        "summary": entry.summary,
        "check": entry_head.check_command(entry, facts),
        "differences": {look_alike.entry: look_alike.sign for look_alike in entry.not_this},
    }


def _example_text(facts: Facts) -> str:
    """Return the longest captured output of the example entry's faults: a real traceback."""
    rows = [row for environment in facts.proof.environments[:1] for row in environment.rows.values()]
    return max((row.printed for row in rows if row.entry == EXAMPLE), key=len, default="")
