"""Older names and shorter forms of a record's fields: each is read as the present one."""

import json
from pathlib import Path

import pytest

from diagnostics.cli.main import main
from kb.records.errors import InvalidRecord
from kb.records.loader import load_entries
from kb.records.models import CheckStep, Way
from kb.records.validate import read_entry

RECORD = """\
title: It refuses
severity: high
since: 0.1.0
summary: It refuses.
impact: Nothing works.
symptoms: []
also_said: ["it said no"]
told_as: ["it does not work"]
causes:
  - finding: own.refused
    sentence: It refuses.
    tell: Look at `ls`.
    fix:
      - kind: shell
        title: Start it
        part: database
        ways: {systemd: systemctl start it, foreign: Please start it.}
        undo: stop it
      - {kind: message, title: Ask, code: Please.}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "database" / "db-own-record" / "entry.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_older_names_and_shorter_forms_are_read(tmp_path: Path) -> None:
    entry = read_entry(written(tmp_path, RECORD))

    assert entry.other_messages == ("it said no",)
    assert entry.user_phrases == ("it does not work",)
    (cause,) = entry.causes
    assert cause.manual_check == (CheckStep(do="Look at `ls`."),)
    assert cause.fix[0].ways == {
        "systemd": Way(code="systemctl start it"),
        "foreign": Way(code="Please start it."),
    }
    assert cause.fix[1].changes is False


def test_a_field_under_both_names_and_an_unknown_platform_are_reported(tmp_path: Path) -> None:
    text = RECORD.replace("told_as:", "user_phrases: []\ntold_as:").replace("systemd:", "sytemd:")

    with pytest.raises(InvalidRecord) as caught:
        read_entry(written(tmp_path, text))

    assert any(":9: told_as: unknown field" in problem for problem in caught.value.problems)
    assert any("sytemd" in problem for problem in caught.value.problems)


def test_json_has_the_older_names_beside_the_present_ones(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "db-connection-refused", "--format", "json"])

    document = json.loads(capsys.readouterr().out)
    assert document["told_as"] == document["user_phrases"]
    assert document["also_said"] == document["other_messages"]
    for cause in document["causes"]:
        assert all(
            step["do"] in cause["tell"] and step["run"] in cause["tell"] for step in cause["manual_check"]
        )


def test_former_titles_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    renamed = [entry for entry in load_entries().values() if entry.former_titles]

    for entry in renamed:
        main(["explain", entry.former_titles[0].upper()])
        assert entry.id in capsys.readouterr().out
