"""`kb` in the target file: a team's entries and runbooks without an option, from a file that is trusted."""

import json
from pathlib import Path

import pytest

from diagnostics import check, diagnose
from diagnostics.targets.target_file import FILE_NAME
from tests.diagnostics.cli.test_main import NOWHERE
from tests.diagnostics.runbooks.team_runbook import inside, team
from tests.kb.records.test_validate import GOOD, written

TEXT = "the ledger bridge refused batch from db7"


@pytest.fixture(autouse=True)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Write folders of entries and of a runbook, and an allowed target file above them that names them."""
    request.getfixturevalue("own_place")
    written(tmp_path / "first", GOOD)
    second = GOOD.replace("manual.trouble", "manual.other").replace("ledger bridge", "other bridge")
    written(tmp_path / "second", second, "db-other")
    team(tmp_path)
    (tmp_path / FILE_NAME).write_text('kb = ["first", "./second", "kb"]\n', "utf-8")
    inside("allow")
    return tmp_path


def ids(*arguments: str) -> set[str]:
    done = inside("list", *arguments, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    (rows,) = (rows for name, rows in json.loads(done.stdout).items() if name != "schema_version")
    return {row["id"] for row in rows}


def test_its_entries_and_runbooks_are_known_to_every_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    (folder / "error.log").write_text(TEXT, "utf-8")

    matched = inside("match", str(folder / "error.log"), "--format", "json")
    diagnosed = inside("diagnose", str(folder / "error.log"), "--target", NOWHERE, "--format", "json")
    drawn = inside("runbook", "show", "a-trouble")

    assert {"db-own", "db-other", "db-deadlock"} <= ids("entries")
    assert {"a-trouble", "payments-failing"} <= ids("runbooks")
    assert inside("explain", "db-other").returncode == 0
    assert json.loads(matched.stdout)["matches"][0]["entry"] == "db-own"
    assert json.loads(diagnosed.stdout)["diagnoses"][0]["entry"] == "db-own"
    assert drawn.returncode == 0
    assert diagnose(TEXT).diagnoses[0].entry == "db-own"


def test_commands_without_a_target_read_the_folders_of_a_named_file(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "error.log").write_text(TEXT, "utf-8")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    config = ("--config", str(folder / FILE_NAME))

    matched = inside("match", str(folder / "error.log"), "--format", "json", *config)

    assert json.loads(matched.stdout)["matches"][0]["entry"] == "db-own"
    assert inside("explain", "db-other", *config).returncode == 0
    assert "a-trouble" in inside("runbook", "list", *config).stdout
    assert inside("runbook", "show", "a-trouble", *config).returncode == 0


def test_the_option_adds_a_folder_to_them(folder: Path) -> None:
    third = GOOD.replace("manual.trouble", "manual.third").replace("ledger bridge", "third bridge")
    written(folder / "third", third, "db-third")

    assert {"db-own", "db-other", "db-third"} <= ids("entries", "--kb", "third")


def test_entries_of_a_file_that_is_not_allowed_are_left_out_with_a_line(folder: Path) -> None:
    inside("allow", "--revoke")

    listed = inside("list", "entries", "--format", "json")
    named = ids("entries", "--config", FILE_NAME)

    assert "db-own" not in {row["id"] for row in json.loads(listed.stdout)["entries"]}
    assert listed.stderr.startswith("clearpay-doctor: entries of first, ./second, kb are left out: ")
    assert f"clearpay-doctor allow {folder / FILE_NAME}" in listed.stderr
    assert "db-own" in named
    assert check(NOWHERE, "connect").results


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ('kb = "first"', 4, f"{FILE_NAME}: kb: a list of folders"),
        ("kb = [1]", 4, f"{FILE_NAME}: kb: a list of folders"),
        ('kb = [""]', 4, f"{FILE_NAME}: kb: a list of folders"),
        ('kb = ["missing"]', 2, "/missing: is not a folder; expected <layer>/<id>/entry.yaml below it"),
        (
            'kb = ["first", "first"]',
            4,
            "first/database/db-own/entry.yaml: db-own: another entry has this id: ",
        ),
        ("kb = [", 4, f"{FILE_NAME}: not TOML"),
    ],
)
def test_what_is_wrong_with_it_is_one_line(text: str, code: int, message: str, folder: Path) -> None:
    (folder / FILE_NAME).write_text(text, "utf-8")

    done = inside("list", "entries", "--config", FILE_NAME)

    assert done.returncode == code
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
