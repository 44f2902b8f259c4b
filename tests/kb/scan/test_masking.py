"""Masks of log lines: records of one key have one template, and templates have no secrets."""

from datetime import UTC, datetime

import pytest

from kb.matching.shipped_index import load_index
from kb.scan.masking import dedup_key, template_of
from kb.scan.reading import ScanSettings, read_record

SETTINGS = ScanSettings(load_index(), datetime(2026, 11, 30, tzinfo=UTC))
TEMPLATES = {
    "job 17 failed after 2.5 s": "job <*> failed after <*> s",
    "cannot open /var/lib/app/x.db": "cannot open <*>",
    'user "ann" unknown': "user <*> unknown",
    "request 9f3c2a7be1d04455 to https://api.example/v1?x=1 failed": "request <*> to <*> failed",
    "10.0.3.4:5432 refused": "<*> refused",
    "it isn't there, and won't be": "it isn't there, and won't be",
}


@pytest.mark.parametrize("line", TEMPLATES)
def test_what_varies_is_masked(line: str) -> None:
    assert template_of(line) == TEMPLATES[line]


def test_records_of_one_key_have_one_template() -> None:
    card, other = "ERROR charge of 4111111111111111 failed", "ERROR charge of 4111111111111112 failed"
    assert dedup_key(card.encode()) == dedup_key(other.encode())
    readings = [read_record(text, SETTINGS, names_entry=False) for text in (card, other)]
    assert readings[0].template == readings[1].template == "ERROR charge of <*> failed"


def test_a_template_has_no_secret() -> None:
    text = "ERROR cannot log in with password=hunter2-and-more as app"
    assert "hunter2" not in read_record(text, SETTINGS, names_entry=False).template
