"""The filter of lists: words, their absence, and fields, also while they are typed."""

import pytest

from kb.records.loader import load_entries
from tui.shared.text_filter import parse_filter, searchable_text

FIELDS = {"layer": "database", "state": "new", "severity": "high"}


@pytest.mark.parametrize(
    ("typed", "passes"),
    [
        ("", True),
        ("pool exhausted", True),
        ("pool nonsense", False),
        ("!leak", True),
        ("!exhausted", False),
        ("layer:data", True),
        ("layer:api", False),
        ("severity:high state:new pool", True),
        ("state:", True),
        ("!", True),
        ("POOL", True),
        ("pool.exhausted", True),
    ],
)
def test_the_filter_reads_words_and_fields(typed: str, *, passes: bool) -> None:
    entry = load_entries()["db-pool-exhausted"]

    assert parse_filter(typed).accepts(searchable_text(entry), FIELDS) is passes
