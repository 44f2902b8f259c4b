"""`entry` and `--kb`: a team's own entries, from skeleton to match."""

import json
from pathlib import Path

from tests.diagnostics.cli.test_main import run
from tests.kb.records.test_validate import GOOD, written


def test_a_skeleton_is_written_and_does_not_pass_until_it_is_filled_in(tmp_path: Path) -> None:
    made = run("entry", "new", "db-disk-full", "--layer", "database", "--code", "--kb", str(tmp_path))
    linted = run("entry", "lint", "--kb", str(tmp_path))

    names = [Path(line).name for line in made.stdout.splitlines()]
    assert made.returncode == 0
    assert names == ["entry.yaml", "db_disk_full_before.py", "db_disk_full_after.py"]
    assert linted.returncode == 4
    assert "database/db-disk-full/entry.yaml: symptoms.0: give either template or sign" in linted.stderr


def test_what_exists_is_not_overwritten(tmp_path: Path) -> None:
    written(tmp_path, GOOD)

    again = run("entry", "new", "db-own", "--layer", "database", "--kb", str(tmp_path))

    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_the_shipped_records_pass_the_lint() -> None:
    assert run("entry", "lint").stdout == "no problem found\n"


def test_a_teams_own_entry_is_matched_and_explained(tmp_path: Path) -> None:
    written(tmp_path, GOOD)

    matched = run(
        "match",
        "-",
        "--format",
        "json",
        "--kb",
        str(tmp_path),
        text="the ledger bridge refused batch from db7\n",
    )
    explained = run("explain", "db-own", "--kb", str(tmp_path))

    assert json.loads(matched.stdout)["matches"][0]["entry"] == "db-own"
    assert "The team's own error" in explained.stdout
    assert run("entry", "lint", "--kb", str(tmp_path)).returncode == 0


def test_a_misspelt_code_of_a_shipped_probe_is_a_mistake(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("own.trouble", "connect.refuse"))

    done = run("entry", "lint", "--kb", str(tmp_path))

    assert done.returncode == 4
    assert "no probe emits connect.refuse; did you mean connect.refused?" in done.stderr


def test_a_discriminating_sign_of_both_entries_is_rejected(tmp_path: Path) -> None:
    sign = "not_this: [{entry: db-deadlock, sign: There it is 40P01.}]\n"
    written(tmp_path, GOOD + sign)

    done = run("entry", "lint", "--kb", str(tmp_path))

    assert done.returncode == 4
    assert "not_this: db-deadlock: the sign is on both pages" in done.stderr


def test_the_schema_describes_what_a_record_may_say() -> None:
    schema = json.loads(run("entry", "schema").stdout)

    assert "symptoms" in schema["required"]
    assert not {"id", "layer", "before_code"} & set(schema["properties"])
