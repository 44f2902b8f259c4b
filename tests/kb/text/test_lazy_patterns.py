"""Patterns that are compiled on first use behave as compiled ones."""

from typing import Any

from kb.text.lazy_patterns import LazyPattern, lazy_pattern


def test_a_pattern_is_compiled_when_it_is_first_used() -> None:
    pattern: Any = lazy_pattern(r"(\d+)-(\d+)")
    assert isinstance(pattern, LazyPattern)
    assert "search" not in vars(pattern)

    found = pattern.search("from 12-34 on")

    assert found is not None
    assert found.groups() == ("12", "34")
    assert "search" in vars(pattern)
    assert pattern.pattern == r"(\d+)-(\d+)"
