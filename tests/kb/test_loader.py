"""Loading: the cache is only ever a copy of what the files say."""

from pathlib import Path

import pytest

from kb import loader
from kb.loader import load_entries
from kb.models import Entry


def fresh(monkeypatch: pytest.MonkeyPatch, cache: Path) -> dict[str, Entry]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    load_entries.cache_clear()
    return load_entries()


def test_the_second_load_reads_the_cache_and_says_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = fresh(monkeypatch, tmp_path)
    (cached,) = (tmp_path / "clearpay-doctor").iterdir()

    assert fresh(monkeypatch, tmp_path) == first
    assert cached.name.startswith("entries-")


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"a": 1}', "\x00"])
def test_a_damaged_cache_is_made_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: str) -> None:
    first = fresh(monkeypatch, tmp_path)
    (cached,) = (tmp_path / "clearpay-doctor").iterdir()
    cached.write_text(damage)

    assert fresh(monkeypatch, tmp_path) == first


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")

    assert fresh(monkeypatch, tmp_path / "file")


def test_a_look_alike_is_known_on_both_sides() -> None:
    entries = load_entries()
    for entry in entries.values():
        for other in entry.not_this:
            assert entry.id in {known.entry for known in entries[other.entry].not_this}


def test_the_cache_changes_its_name_with_the_records(tmp_path: Path) -> None:
    record = tmp_path / "database" / "db-x" / "entry.yaml"
    record.parent.mkdir(parents=True)
    record.write_text("title: a")
    before = loader._cache_file([record])
    record.write_text("title: b")

    assert loader._cache_file([record]) != before
