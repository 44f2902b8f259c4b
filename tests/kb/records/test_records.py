"""Shipped records: every field that an entry needs, and the code pairs beside them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kb.records.loader import ENTRIES, load_entries
from kb.records.models import Entry

RUFF = Path(sys.executable).with_name("ruff")
ALL = load_entries()
PROGRAMS = sorted(ENTRIES.glob("*/*/*_before.py"))


@pytest.mark.parametrize("entry", ALL.values(), ids=ALL)
def test_an_entry_says_what_an_engineer_needs_at_night(entry: Entry) -> None:
    assert entry.references
    assert entry.prevent
    assert entry.not_this
    assert all(step.do.strip() for cause in entry.causes for step in cause.manual_check)
    assert all(cause.sentence.strip().endswith(".") for cause in entry.causes)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.parent.name)
def test_the_code_that_fails_breaks_only_the_rules_that_its_record_names(path: Path) -> None:
    command = [RUFF, "check", "--output-format=json", "--config=lint.per-file-ignores={}", "--no-cache"]
    ignored = "--ignore=INP001,T201"  # it is a program: it prints, and it is no package
    done = subprocess.run(
        [*map(str, command), ignored, str(path)], capture_output=True, text=True, check=False
    )

    broken = {finding["code"] for finding in json.loads(done.stdout)}
    assert broken <= set(ALL[path.parent.name].flaws)


def test_the_code_that_fails_has_a_twin_that_does_not() -> None:
    for path in PROGRAMS:
        assert path.with_name(path.name.replace("_before", "_after")).exists()


def test_summaries_are_of_two_sentences() -> None:
    summaries = {entry.id: entry.summary for entry in load_entries().values()}
    summaries |= {f"{e.id}/{group.id}": group.summary for e in load_entries().values() for group in e.groups}
    lengths = {
        place: len(re.findall(r"(?<!\.\.)[.!?](?=\s+[A-Z\"'`]|$)", " ".join(text.split())))
        for place, text in summaries.items()
    }

    assert {place: length for place, length in lengths.items() if length > 2} == {}
    assert {place for place, length in lengths.items() if not length} == set()


def test_the_words_of_records_are_those_of_the_field() -> None:
    translated = re.compile(
        r"have parted|does not take|stands? in line|out of its time|for ever|\bformer\b|\bversion before\b"
    )
    texts = [
        (entry.id, text)
        for entry in load_entries().values()
        for text in (
            entry.title,
            entry.summary,
            entry.impact,
            entry.mitigation,
            entry.escalation,
            entry.when_harmless,
            *entry.prevent,
            *(look.sign for look in entry.not_this),
            *(cause.sentence for cause in entry.causes),
            *(check.do for cause in entry.causes for check in cause.manual_check),
            *(part for c in entry.causes for step in c.fix for part in (step.title, step.code, step.undo)),
        )
    ]

    assert [(place, found[0]) for place, text in texts if (found := translated.search(text))] == []
