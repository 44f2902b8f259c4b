"""Patterns that are compiled on first use behave as compiled ones."""

import re

from kb.text.lazy_patterns import LazyPattern, lazy_pattern


def test_a_pattern_is_compiled_when_it_is_first_used() -> None:
    pattern = LazyPattern(r"(\d+)-(\d+)")
    assert "search" not in vars(pattern)

    found = pattern.search("from 12-34 on")

    assert found is not None
    assert found.groups() == ("12", "34")
    assert "search" in vars(pattern)
    assert pattern.pattern == r"(\d+)-(\d+)"


def test_flags_of_a_pattern_hold() -> None:
    assert lazy_pattern(r"oom", re.IGNORECASE).match("OOMKilled") is not None
