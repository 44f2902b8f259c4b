"""Groups of causes: the part of an entry that users see as one error, with a page of its own."""

from dataclasses import replace

import pytest

from diagnostics.lab.faults import FAULTS
from kb.records.lint import lint_entries
from kb.records.loader import load_entries
from kb.records.models import CauseGroup, Entry

ENTRIES = load_entries()
GROUPED = [entry for entry in ENTRIES.values() if entry.groups]
MAX_CAUSES = 12
"""Causes on one page: more are not read to the end."""


def problems(entry: Entry) -> list[str]:
    return lint_entries({**ENTRIES, entry.id: entry}, only=[entry.id])


def test_an_entry_with_many_causes_has_groups() -> None:
    long = [entry.id for entry in ENTRIES.values() if len(entry.causes) > MAX_CAUSES and not entry.groups]

    assert long == []
    assert {entry.id for entry in GROUPED} >= {"tls-certificate", "config-webhook"}


@pytest.mark.parametrize("entry", GROUPED, ids=lambda entry: entry.id)
def test_each_group_has_few_causes_and_a_message_that_the_lab_prints_for_one_of_them(entry: Entry) -> None:
    for group in entry.groups:
        findings = [cause.finding for cause in entry.causes if cause.group == group.id]
        printed = [FAULTS[finding].prints for finding in findings]

        assert 1 <= len(findings) <= MAX_CAUSES
        assert any(
            text and (text in message or message in text) for text in printed for message in group.messages
        ), (
            group.id,
            printed,
        )


def test_a_cause_names_a_group_of_its_entry_and_each_group_has_a_cause() -> None:
    entry = ENTRIES["tls-certificate"]
    unused = CauseGroup(id="No Words", title="t", summary="s", messages=())
    misspelt = replace(entry.causes[0], group="expird")

    assert problems(entry) == []
    assert any(
        "did you mean expired" in text
        for text in problems(replace(entry, causes=(misspelt, *entry.causes[1:])))
    )
    found = problems(replace(entry, groups=(*entry.groups, unused)))
    assert any("id: write words joined by hyphens" in text for text in found)
    assert any("no cause names No Words" in text for text in found)
    assert any("messages: at least one is required" in text for text in found)


def test_a_group_without_groups_in_the_entry_is_a_problem() -> None:
    entry = ENTRIES["api-rate-limit"]
    lost = replace(entry.causes[0], group="expired")

    assert any("is not a group of the entry" in text for text in problems(replace(entry, causes=(lost,))))
