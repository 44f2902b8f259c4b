"""Validation reports every problem with file, line, field and the closest valid name."""

from pathlib import Path

import pytest

from kb.records.errors import InvalidRecord
from kb.records.loader import ENTRIES, load_entries
from kb.records.validate import problems_of, read_folder

GOOD = """\
title: The team's own error
severity: low
since: 0.1.0
summary: It happens.
impact: Somebody waits.
symptoms:
  - template: "the ledger bridge refused batch from <host>"
    samples:
      - {kind: reported, source: "a person's wording", text: "the ledger bridge refused batch from db1"}
      - {kind: reported, source: "a person's wording", text: "the ledger bridge refused batch from db2"}
      - {kind: reported, source: "a person's wording", text: "the ledger bridge refused batch from db3"}
causes:
  - finding: manual.trouble
    sentence: It is in trouble.
    tell: Look.
    fix:
      - {kind: shell, title: Start it, code: "<start_database>", undo: stop it}
"""


def written(folder: Path, text: str, entry_id: str = "db-own") -> Path:
    path = folder / "database" / entry_id / "entry.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return folder


def test_the_shipped_records_have_no_problem() -> None:
    assert problems_of(ENTRIES) == []


def test_a_good_record_beside_the_shipped_ones_is_read(tmp_path: Path) -> None:
    entries = read_folder(written(tmp_path, GOOD), load_entries().values())

    assert entries["db-own"].layer == "database"
    assert "db-deadlock" in entries


def test_the_validated_and_the_unvalidated_reading_agree() -> None:
    assert read_folder(ENTRIES) == load_entries()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("severity: low", "sevrity: low", "entry.yaml:2: sevrity: unknown field; did you mean severity?"),
        ("severity: low", "sevrity: low", "entry.yaml: severity: is missing"),
        ("severity: low", "severity: huge", "entry.yaml:2: severity: 'huge' is not one of"),
        ("summary: It happens.", "summary: 12", "entry.yaml:4: summary: input should be a valid string"),
        ("undo: stop it", "undoo: stop it", "causes.0.fix.0.undoo: unknown field; did you mean undo?"),
        ("title: The", "title: [The", "entry.yaml:2: not YAML"),
        ("since: 0.1.0", "since: '1'", "since: '1' is not a version"),
        ("<start_database>", "<start_databse>", "did you mean start_database?"),
        (", undo: stop it", "", "undo: a step that changes something needs an undo"),
        ("kind: shell", "kind: manual", "why_manual: give the reason"),
        ("manual.trouble", "trouble", "'trouble' is not <probe>.<fact>"),
        ('template: "the ledger bridge refused batch', 'sign: "sqlstat', "does not begin with one of"),
        ("impact: Some", "not_this: [{entry: db-deadlok, sign: y}]\nimpact: S", "mean db-deadlock?"),
        ("impact: Somebody waits.", "impact: x\nid: other", "is not the folder's name"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_its_cure(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in GOOD
    with pytest.raises(InvalidRecord) as refused:
        read_folder(written(tmp_path, GOOD.replace(before, after, 1)), load_entries().values())

    assert message in str(refused.value)


def test_every_problem_of_every_record_is_shown(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("severity: low", "severity: huge"))
    written(tmp_path, GOOD.replace("manual.trouble", "trouble"), "db-other")

    problems = problems_of(tmp_path)

    assert [problem for problem in problems if "huge" in problem]
    assert [problem for problem in problems if "<probe>.<fact>" in problem]


def test_an_id_of_a_shipped_entry_cannot_be_taken(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecord, match="db-deadlock: another entry has this id"):
        read_folder(written(tmp_path, GOOD, "db-deadlock"), load_entries().values())


def test_a_finding_belongs_to_one_cause(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecord, match=r"connect\.refused is claimed by"):
        read_folder(
            written(tmp_path, GOOD.replace("manual.trouble", "connect.refused")), load_entries().values()
        )
