"""Runbook lint: an invalid runbook is rejected with file and line."""

from pathlib import Path

import pytest

from diagnostics.runbooks.lookup import read_checked
from kb.records.errors import InvalidRecord
from tests.support.proof import CATALOGUE

HEAD = "title: Payments are slow\nwhen: Now.\nsince: 0.1.0\nsteps:\n"
GREEN = "  - {id: well, title: Well, green: All is well.}\n"
CHECK = "  - id: connect\n    title: Connect\n    check: [connect]\n"
ASK = "  - id: connect\n    title: Connect\n    ask: Is it slow?\n"


def problems(tmp_path: Path, steps: str, head: str = HEAD) -> list[str]:
    (tmp_path / "payments-slow.yaml").write_text(head + steps, "utf-8")
    with pytest.raises(InvalidRecord) as refused:
        read_checked(tmp_path, CATALOGUE)
    return list(refused.value.problems)


@pytest.mark.parametrize(
    ("steps", "line", "words"),
    [
        (CHECK + "    go: wel\n" + GREEN, 8, "go: no step 'wel'; did you mean well?"),
        (CHECK + "    then: [{outcomes: [pass], go: well}]\n" + GREEN, 5, "warn and fail and unknown"),
        (CHECK + "    go: well\n" + GREEN, 5, "unknown and error leads to a green end"),
        (CHECK.replace("[connect]", "[conect]") + "    go: well\n", 8, "no step 'well'"),
        (CHECK + "    green: yes.\n    go: well\n" + GREEN, 5, "exactly one of"),
        ("  - {id: connect, title: Connect}\n", 5, "found none"),
        (GREEN + "  - {id: lost, title: Lost, green: Here.}\n", 6, "lost: cannot be reached from"),
        (GREEN + GREEN, 6, "is the id of an earlier step too"),
        ("  - {id: connect, title: Connect, tell: Wait.}\n", 5, "no next step; add go"),
        (
            "  - {id: a, title: A, tell: x, go: b}\n  - {id: b, title: B, tell: x, go: a}\n",
            5, "a: no end can be reached from here",
        ),
        ("  - {id: well, title: Well, green: All is well., go: well}\n", 5, "an end has no next step"),
        (ASK + "    then: [{answer: slow, go: well}]\n" + GREEN, 5, "at least two different answers"),
        (ASK + "    go: well\n" + GREEN, 5, "each answer has a branch"),
        (ASK + "    then:\n      - {answer: yes, go: well}\n" + GREEN, 9, "in quotes: YAML reads yes"),
        (
            ASK + "    then:\n      - {answer: a, go: well}\n      - {outcomes: [pass], go: well}\n" + GREEN,
            10, "a branch of a step that asks names one of answer",
        ),
        (
            CHECK + "    then:\n      - {outcomes: [pass, warn, fail], go: well}\n"
            "      - {findings: [connect.refused], go: call}\n    go: call\n"
            + GREEN + "  - {id: call, title: Call, escalate: Call.}\n",
            10, "never taken after the branch for outcome fail",
        ),
        (
            CHECK + "    then:\n      - {outcomes: [pass, warn], go: well}\n"
            "      - {outcomes: [warn], go: call}\n    go: call\n"
            + GREEN + "  - {id: call, title: Call, escalate: Call.}\n",
            10, "warn has an earlier branch",
        ),
        (
            CHECK + "    then: [{outcomes: [pass], go: well}]\n    go: connect\n" + GREEN,
            5, "endless loop",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)  # fmt: skip
def test_an_invalid_runbook_is_refused_with_its_line(
    steps: str, line: int, words: str, tmp_path: Path
) -> None:
    reported = problems(tmp_path, steps)

    place = f"payments-slow.yaml:{line}: "
    assert any(place in problem and words in problem for problem in reported), reported


ENDS = "    go: call\n  - {id: call, title: Call, escalate: Call.}\n"


@pytest.mark.parametrize(
    ("steps", "line", "words"),
    [
        (CHECK.replace("[connect]", "[conect]") + ENDS, 5, "did you mean connect?"),
        (CHECK.replace("check: [connect]", "verify: db-deadlok") + ENDS, 5, "did you mean db-deadlock?"),
        ("  - {id: connect, title: Connect, fix: db-deadlok}\n", 5, "did you mean db-deadlock?"),
        (
            CHECK + "    then: [{findings: [connect.refusd], go: call}]\n" + ENDS,
            8, "emits connect.refusd; did you mean connect.refused?",
        ),
        (
            CHECK + "    then: [{findings: [login.stale_credential], go: call}]\n" + ENDS,
            8, "no probe of this step emits login.stale_credential",
        ),
        (
            CHECK + "    then: [{entries: [db-deadlock], go: call}]\n" + ENDS,
            8, "no probe of this step confirms db-deadlock",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)  # fmt: skip
def test_a_name_that_no_probe_or_record_has_is_refused_with_its_line(
    steps: str, line: int, words: str, tmp_path: Path
) -> None:
    reported = problems(tmp_path, steps)

    place = f"payments-slow.yaml:{line}: "
    assert any(place in problem and words in problem for problem in reported), reported


def test_every_problem_of_a_record_is_reported_at_once(tmp_path: Path) -> None:
    reported = problems(tmp_path, CHECK + "    go: nowhere\n" + ASK.replace("id: connect", "id: ask") + GREEN)

    assert len(reported) == 2


def test_a_field_that_does_not_exist_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (reported,) = problems(tmp_path, CHECK + "    go: well\n    tels: x\n" + GREEN)

    assert "payments-slow.yaml:9: steps.0.tels: unknown field; did you mean tell?" in reported


def test_a_file_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    (reported,) = problems(tmp_path, "  - {id: connect\n  x")

    assert "payments-slow.yaml:" in reported
    assert "not YAML" in reported


def test_an_id_that_is_not_the_file_is_refused(tmp_path: Path) -> None:
    (reported,) = problems(tmp_path, GREEN, "id: other\n" + HEAD)

    assert "is not the file's name" in reported


def test_a_loop_in_which_somebody_is_asked_is_allowed(tmp_path: Path) -> None:
    text = (
        CHECK + "    then: [{outcomes: [pass, warn], go: well}]\n    go: again\n"
        "  - id: again\n    title: Again\n    ask: Again?\n"
        "    then: [{answer: again, go: connect}, {answer: stop, go: call}]\n"
        "  - {id: call, title: Call, escalate: Call.}\n"
    )
    (tmp_path / "payments-slow.yaml").write_text(HEAD + text + GREEN, "utf-8")

    assert read_checked(tmp_path, CATALOGUE)["payments-slow"].step("again").choices == ("again", "stop")


def test_a_runbook_of_a_team_names_no_version_of_ours(tmp_path: Path) -> None:
    (tmp_path / "payments-slow.yaml").write_text(HEAD.replace("since: 0.1.0\n", "") + GREEN, "utf-8")

    assert read_checked(tmp_path, CATALOGUE)["payments-slow"].since == ""
    assert problems(tmp_path, GREEN, HEAD.replace("0.1.0", "soon"))[0].endswith("not a version such as 0.1.0")
