"""`entry` and `--kb`: a team's own entries, from skeleton to match."""

import json
import re
from pathlib import Path

import pytest

from kb.records.loader import ENTRIES
from kb.records.skeletons.plain import skeleton
from tests.diagnostics.cli.test_main import NOWHERE, complained, run
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
    written(tmp_path, GOOD.replace("manual.trouble", "connect.refuse"))

    done = run("entry", "lint", "--kb", str(tmp_path))

    assert done.returncode == 4
    assert "no probe emits connect.refuse; did you mean connect.refused?" in done.stderr


def test_an_unknown_fact_of_a_probe_is_one_short_line(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("manual.trouble", "tls.qqqqqqqqqqqq"))

    for command in (("entry", "lint"), ("explain", "db-own"), ("match", "-")):
        done = run(*command, "--kb", str(tmp_path), text="x")
        (line,) = done.stderr.splitlines()
        assert done.returncode == 4
        assert "db-own: causes: no probe emits tls.qqqqqqqqqqqq; it emits tls." in line
        assert line.endswith("and others: clearpay-doctor list findings")
        assert len(line) < 250


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("writable.standby", "list probes"),
        ("conect.refused", "did you mean connect?"),
        ("own.trouble", "manual.trouble"),
    ],
)
def test_a_probe_that_does_not_exist_is_a_mistake_with_the_form_for_checks_by_hand(
    tmp_path: Path, code: str, hint: str
) -> None:
    written(tmp_path, GOOD.replace("manual.trouble", code))

    done = run("entry", "lint", "--kb", str(tmp_path))

    (line,) = done.stderr.splitlines()
    assert done.returncode == 4
    assert f"db-own: causes: {code}: no probe has the name {code.partition('.')[0]!r}; " in line
    assert hint in line
    assert f"write manual.{code.partition('.')[2]} for a cause that is checked by hand" in line
    assert run("explain", "db-own", "--kb", str(tmp_path)).returncode == 0


def test_a_supporting_finding_of_an_unknown_probe_is_a_mistake(tmp_path: Path) -> None:
    written(
        tmp_path, GOOD.replace("tell: Look.", "tell: Look.\n    supported_by: [sorce.with_getconn_leaks]")
    )

    done = run("entry", "lint", "--kb", str(tmp_path))

    assert done.returncode == 4
    assert (
        "db-own: supported_by: sorce.with_getconn_leaks: no probe has the name 'sorce'; did you mean source?"
        in (done.stderr)
    )


def test_a_cause_that_is_checked_by_hand_is_verified_by_hand(tmp_path: Path) -> None:
    written(tmp_path, GOOD)

    linted = run("entry", "lint", "--kb", str(tmp_path))
    verified = run("verify", "db-own", "--kb", str(tmp_path), "--target", NOWHERE)

    assert (linted.returncode, linted.stdout) == (0, "no problem found\n")
    assert verified.returncode == 3
    assert "manual.trouble has no probe; check it by hand: It is in trouble." in " ".join(
        verified.stdout.split()
    )
    assert "1. Look." in verified.stdout


def test_the_folder_of_a_new_entry_is_created_with_the_schema_that_its_record_names(tmp_path: Path) -> None:
    folder = tmp_path / "our kb"

    made = run("entry", "new", "db-disk-full", "--layer", "database", "--kb", str(folder))

    record = folder / "database" / "db-disk-full" / "entry.yaml"
    named = re.search(r"\$schema=(\S+)", record.read_text("utf-8"))
    assert made.returncode == 0, made.stderr
    assert named
    assert json.loads((record.parent / named[1]).read_text("utf-8")) == json.loads(
        run("entry", "schema").stdout
    )
    assert made.stderr.strip().endswith(f"clearpay-doctor entry lint --kb '{folder}'")
    assert run("list", "entries", "--kb", str(folder)).returncode == 4  # it is not filled in yet


def test_a_folder_that_cannot_be_created_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    complained(
        run("entry", "new", "db-x", "--layer", "database", "--kb", str(tmp_path / "file")),
        2,
        "Not a directory",
    )


def test_a_shipped_record_names_the_schema_of_the_package() -> None:
    text = skeleton("db-disk-full", code=False)["entry.yaml"]

    assert (ENTRIES / "database" / "db-x" / re.findall(r"\$schema=(\S+)", text)[0]).resolve() == (
        ENTRIES.parent / "schema.json"
    )


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
