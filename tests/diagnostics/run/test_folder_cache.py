"""A team's entries from the cache: nothing is validated or compiled until a file changes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.team_entries import write_entries

PROGRAM = """\
import sys
from diagnostics.cli.main import main
code = main(sys.argv[1:])
print({"pydantic", "kb.matching.index_compiler"} & sys.modules.keys() or "from the cache")
sys.exit(code)
"""
CACHED = "from the cache"
TEXT = "ledger worker 0 stopped after 3 jobs"


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a team's folder of entries; the cache is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return write_entries(tmp_path / "team", 9)


def run(team: Path, *words: str, text: str = TEXT) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", PROGRAM, *words, "--kb", str(team)]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("words", "text"),
    [(("match", "-"), TEXT), (("match", "-"), "the refund list does not move"), (("list", "probes"), "")],
)
def test_the_second_start_validates_and_compiles_nothing(
    words: tuple[str, ...], text: str, team: Path
) -> None:
    first, second = run(team, *words, text=text), run(team, *words, text=text)

    assert CACHED not in first.stdout
    assert second.stdout.splitlines()[-1] == CACHED
    assert second.stdout.splitlines()[:-1] == first.stdout.splitlines()[:-1]


@pytest.mark.slow
def test_a_changed_a_renamed_and_a_removed_entry_are_seen(team: Path) -> None:
    run(team, "match", "-")
    record = team / "service" / "ledger-worker-0" / "entry.yaml"
    record.write_text(record.read_text("utf-8").replace("stopped after", "paused after"), "utf-8")
    changed = run(team, "match", "-", text="ledger worker 0 paused after 3 jobs")
    record.unlink()
    removed = run(team, "explain", "ledger-worker-0")
    (team / "service" / "ledger-worker-8").rename(team / "service" / "ledger-worker-x")
    renamed = run(team, "explain", "ledger-worker-x")

    assert "ledger-worker-0" in changed.stdout
    assert removed.returncode == 2
    assert renamed.returncode == 0


@pytest.mark.slow
def test_a_broken_entry_is_reported_each_time_and_never_cached(team: Path) -> None:
    run(team, "match", "-")
    record = team / "service" / "ledger-worker-0" / "entry.yaml"
    whole = record.read_text("utf-8")
    record.write_text(whole.replace("severity: medium", "severity: grave"), "utf-8")
    broken = [run(team, "match", "-") for _ in range(2)]
    record.write_text(whole, "utf-8")

    assert [done.returncode for done in broken] == [4, 4]
    assert "severity" in broken[1].stderr
    assert run(team, "match", "-").returncode == 0


def test_an_empty_folder_that_is_removed_is_reported(team: Path) -> None:
    (team.parent / "empty").mkdir()
    run(team.parent / "empty", "match", "-")
    (team.parent / "empty").rmdir()

    assert "is not a folder" in run(team.parent / "empty", "match", "-").stderr
