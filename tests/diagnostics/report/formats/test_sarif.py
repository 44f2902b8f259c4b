"""SARIF has each place in code once, is valid, and an earlier report in it is a baseline."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from diagnostics.cli import main

SCHEMA = json.loads((Path(__file__).parents[4] / "tests" / "data" / "sarif.schema.json").read_text("utf-8"))
FLAW = "for row in rows:\n    cursor.execute('INSERT INTO t VALUES (%s)', row)\n"


def sarif(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main.main(["check", *arguments, "--format", "sarif"])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, SCHEMA, format_checker=jsonschema.FormatChecker())
    return code, document["runs"][0]


def test_each_place_is_a_result_with_its_line_and_its_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a file.py").write_text(FLAW * 25)

    _, run = sarif(capsys, "source", "--target", str(tmp_path))

    assert len(run["results"]) == 25
    result = run["results"][1]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["level"]) == ("source.insert_per_row", "warning")
    assert place["region"] == {"startLine": 4}
    assert place["artifactLocation"]["uri"].endswith("/a%20file.py")
    assert run["tool"]["driver"]["rules"] == [{"id": "source.insert_per_row"}]


def test_a_finding_without_a_place_is_a_result_too(capsys: pytest.CaptureFixture[str]) -> None:
    code, run = sarif(capsys, "connect", "--target", "postgresql://a@127.0.0.1:9/b")

    assert code == 1
    assert [(item["ruleId"], item["level"]) for item in run["results"]] == [("connect.refused", "error")]


def test_what_could_not_be_read_makes_the_run_unsuccessful(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text("import requests\ndef f(:\n")

    _, run = sarif(capsys, "source", "--target", str(tmp_path))

    assert run["invocations"][0]["executionSuccessful"] is False
    assert "cannot be parsed" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.parametrize("format_", ["sarif", "json", "ndjson"])
def test_places_of_an_earlier_report_are_no_findings_wherever_they_have_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format_: str
) -> None:
    code, baseline = tmp_path / "code", tmp_path / "baseline"
    code.mkdir()
    (code / "a.py").write_text(FLAW)
    check = ["check", "source", "--target", str(code), "--fail-on", "warn"]
    assert main.main([*check, "--quiet", "--output", f"{baseline}:{format_}"]) == 1

    (code / "a.py").write_text("import os\n\n\n" + FLAW)
    assert main.main([*check, "--quiet", "--baseline", str(baseline)]) == 0

    (code / "a.py").write_text(FLAW * 2)
    assert main.main([*check, "--format", "json", "--baseline", str(baseline)]) == 1
    evidence = json.loads(capsys.readouterr().out)["results"][0]["evidence"]
    assert [item["value"].rpartition(":")[2] for item in evidence if item["name"] == "known"] == ["2"]
    assert [item["value"].rpartition(":")[2] for item in evidence if item["ok"] is False] == ["4"]


def test_a_known_place_is_unchanged_and_a_baseline_of_the_next_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, first = tmp_path / "code", tmp_path / "first"
    code.mkdir()
    (code / "a.py").write_text(FLAW)
    main.main(["check", "source", "--target", str(code), "--quiet", "--output", f"{first}:sarif"])

    _, run = sarif(capsys, "source", "--target", str(code), "--baseline", str(first))

    assert [item["baselineState"] for item in run["results"]] == ["unchanged"]
    assert run["results"][0]["ruleId"] == "source.insert_per_row"


@pytest.mark.parametrize(
    ("text", "problem"), [("no report", "is not a report"), (None, "No such file or directory")]
)
def test_a_baseline_that_cannot_be_read_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, problem: str
) -> None:
    if text:
        (tmp_path / "baseline").write_text(text)

    code = main.main(["check", "source", "--target", str(tmp_path), "--baseline", str(tmp_path / "baseline")])

    assert code == 2
    assert problem in capsys.readouterr().err
