"""What the box on the first page works with: the compiled index, the matcher's tables, the scripts."""

import json

from kb.matching import intent, line_context, matcher, parsed_text, signals, templates, word_signals, words
from kb.matching.index_compiler import compile_index
from kb.text import json_logs, log_prefixes, sanitize, sign_names, signs
from kb.text.masking import cards, keyed, marks, private_keys
from kb.text.masking.patterns import TABLE
from site_docs import javascript
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.page_types import entry_head

KNOWLEDGE = "assets/match/knowledge.js"
EXAMPLE = "db-credential-rotation"
SCRIPTS = (
    "patterns",
    "masking",
    "sanitize",
    "templates",
    "signs",
    "parsed_text",
    "intent",
    "signals",
    "words",
    "matcher",
    "box",
)
"""In the order in which they build upon each other."""
MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        *(signals, intent, json_logs, matcher, log_prefixes, parsed_text, sign_names, signs, line_context),
        *(templates, sanitize, word_signals, words, cards, keyed, marks, private_keys),
    )
}
TEXTS = {
    "cards": ("RUN", "PREFIXES"),
    "keyed": (
        *("KEY", "QUOTED", "ESCAPED", "STRUCTURE", "BARE"),
        *("IN_QUERY", "REST_OF_LINE", "HARMLESS", "OWN_LINE"),
    ),
    "marks": ("TOKEN", "MARK"),
    "private_keys": ("BLOCK", "TAIL", "LINE"),
}
"""Texts that are patterns: their modules compile them when a text needs them."""


def scripts() -> list[str]:
    """The script elements, in the order in which they build upon each other."""
    names = (KNOWLEDGE, *(f"assets/match/{name}.js" for name in SCRIPTS))
    return ["", *(f'<script defer src="{name}"></script>' for name in names)]


def knowledge(facts: Facts) -> File:
    """All that the scripts go by. A script, because a page from a disk may not read a data file."""
    document = {
        "index": compile_index(facts.entries.values()),
        "tables": {name: javascript.tables(module) for name, module in MODULES.items()},
        "patterns": {
            name: javascript.patterns(module, *TEXTS.get(name, ())) for name, module in MODULES.items()
        },
        "masks": [
            {"hints": shape.hints, "name": shape.name, **javascript.pattern(shape.regex)} for shape in TABLE
        ],
        "example": _example(facts),
        "entries": {entry.id: _about(entry.id, facts) for entry in facts.live},
    }
    data = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return File(KNOWLEDGE, f'"use strict";\nglobalThis.clearpay = {{ knowledge: {data} }};\n')


def _about(entry_id: str, facts: Facts) -> dict[str, object]:
    """What an answer says of an entry beyond its match."""
    entry = facts.entries[entry_id]
    return {
        "severity": entry.severity,
        "summary": entry.summary,
        "check": entry_head.command(entry, facts),
        "apart": {other.entry: other.sign for other in entry.not_this},
    }


def _example(facts: Facts) -> str:
    """What the lab printed when it was first broken: a real traceback."""
    rows = [row for environment in facts.proof.environments[:1] for row in environment.rows.values()]
    return max((row.printed for row in rows if row.entry == EXAMPLE), key=len, default="")
