"""Literals of entries: no proof of an entry is without one."""

from pathlib import Path

import pytest

from kb.matching.literals import literals_of
from kb.matching.matcher import match
from kb.matching.shipped_index import load_index
from kb.records.loader import load_entries
from kb.text.sanitize import clean

INDEX = load_index()
LITERALS = literals_of(INDEX)
SAMPLES = [
    (entry.id, sample.text)
    for entry in load_entries().values()
    for symptom in entry.symptoms
    for sample in symptom.samples
]
COLLECTION = Path(__file__).parents[2] / "data" / "match"


def without_literal(text: str) -> list[str]:
    """Return the entries that a text proves without having one of their literals."""
    lower = " ".join(text.lower().split())
    return [
        result.entry
        for result in match(clean(text), INDEX, limit=100)
        if result.proves and not any(literal in lower for literal in LITERALS[result.entry])
    ]


def test_each_entry_with_signs_has_literals() -> None:
    silent = {entry for entry, literals in LITERALS.items() if not literals}
    proven = {
        INDEX["entries"][owner]["id"] for template in INDEX["templates"] for owner in template["owners"]
    }
    assert not silent & proven


def test_no_sample_proves_an_entry_without_a_literal_of_it() -> None:
    assert [(entry, text) for entry, text in SAMPLES if without_literal(text)] == []


@pytest.mark.slow
def test_no_text_of_a_sample_of_the_collection_proves_an_entry_without_a_literal_of_it() -> None:
    texts = [*sorted(COLLECTION.rglob("*.txt"))[::20], *COLLECTION.rglob("stranger_permission.txt")]
    assert texts
    missing = {path.name: lost for path in texts if (lost := without_literal(path.read_text("utf-8")))}
    assert missing == {}


def test_a_literal_is_short_enough_to_stand_on_one_line_and_long_enough_to_be_rare() -> None:
    for entry, literals in LITERALS.items():
        for literal in literals:
            assert literal == literal.lower(), entry
            assert "\n" not in literal
            assert len(literal) >= 4 or not literal.isascii(), (entry, literal)


@pytest.mark.parametrize(
    "line",
    [
        '{"level":30,"time":1795975200001,"pid":7,"hostname":"web-1","msg":"done","url":"/pay"}',
        '{"__REALTIME_TIMESTAMP":"1795975200016000","_HOSTNAME":"db-1","PRIORITY":"6","MESSAGE":"took 1 ms"}',
        '10.0.0.7 - - [29/Nov/2026:18:00:00 +0000] "GET /pay HTTP/1.1" 200 12 "https://shop.example" "ios"',
        "2026-11-29 18:00:00.016 UTC [502] app@shop LOG:  duration: 0.578 ms",
    ],
)
def test_a_line_of_every_day_has_no_literal(line: str) -> None:
    found = {literal for literals in LITERALS.values() for literal in literals if literal in line.lower()}

    assert found == set()
