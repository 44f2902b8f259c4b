"""Reading code is limited, reports skipped files, and never shows a secret."""

import json
import os
from pathlib import Path

import pytest

from diagnostics.cli import main
from diagnostics.clients.source import files
from diagnostics.targets.settings import Source, TargetSettings
from diagnostics.targets.target import Endpoint, Target, endpoint
from tests.diagnostics.probes.running import ProbeResult, run_probes

FLAW = "for row in rows:\n    cursor.execute('INSERT INTO t VALUES (%s)', row)\n"


def run_source(path: Path, deadline_s: float = 30) -> ProbeResult:
    return run_probes(Target("code", (endpoint(str(path)),)), "source", deadline_s=deadline_s)["source"]


def test_a_hit_is_a_warning_with_its_place_and_its_entry(tmp_path: Path) -> None:
    (tmp_path / "batch.py").write_text(FLAW)

    result = run_source(tmp_path)

    assert (result.outcome, result.codes) == ("warn", ["source.insert_per_row"])
    hit = result.evidence["insert_per_row"]
    assert (hit.value, hit.ok) == (f"{tmp_path}/batch.py:2", False)
    assert hit.note == "one INSERT for each pass of the loop: db-row-by-row-insert"


def test_a_target_names_its_code_relative_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "batch.py").write_text(FLAW)
    settings = TargetSettings(source=Source(paths=("app",)))
    target = Target("prod", (Endpoint("source", "app", "app"),), settings, tmp_path)

    assert run_probes(target, "source")["source"].codes == ["source.insert_per_row"]


def test_an_allowed_hit_is_named_with_its_reason_and_is_no_finding(tmp_path: Path) -> None:
    allowed = FLAW.replace("row)\n", "row)  # clearpay-doctor: allow insert_per_row ten rows at most\n")
    (tmp_path / "batch.py").write_text(allowed)

    result = run_source(tmp_path)

    assert (result.outcome, result.codes) == ("pass", [])
    assert result.evidence["allowed"].note == "insert_per_row: ten rows at most"


def test_an_allow_comment_needs_a_reason(tmp_path: Path) -> None:
    (tmp_path / "batch.py").write_text(
        FLAW.replace("row)\n", "row)  # clearpay-doctor: allow insert_per_row\n")
    )

    result = run_source(tmp_path)

    assert result.codes == ["source.insert_per_row"]
    assert "gives no reason" in result.evidence["insert_per_row"].note


def test_a_secret_in_the_code_is_named_by_its_place_alone(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("connect(password='hunter2-horse9')\nU = 'postgresql://a:q8Zr31mm@db/x'\n")

    result = run_source(tmp_path)

    assert str(result.evidence["hardcoded_secret"].value).endswith("a.py:2")
    assert "hunter2" not in repr(result)
    assert "q8Zr31mm" not in repr(result)


def test_many_hits_of_a_rule_are_counted_and_not_all_listed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(FLAW * 30)

    assert run_source(tmp_path).evidence["insert_per_row"].value == "and 10 more places"


def test_a_file_that_is_no_python_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "batch.py").write_text(FLAW)

    result = run_source(tmp_path)

    assert result.outcome == "unknown"
    assert "broken.py: cannot be parsed: line 1" in result.reason
    assert result.codes == ["source.insert_per_row"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "batch.py").write_text("x = 1\n")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "self.py").symlink_to(tmp_path / "self.py")

    result = run_source(tmp_path)

    assert result.evidence["files"].value == 1
    assert "self.py" in result.reason


def test_a_pipe_that_is_called_python_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")

    result = run_source(tmp_path)

    assert (result.outcome, "not a regular file" in result.reason) == ("unknown", True)


def test_a_file_of_more_than_a_megabyte_is_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text("#" * (files.MAX_BYTES + 1))

    result = run_source(tmp_path)

    assert (result.outcome, "larger than 1 MB" in result.reason) == ("unknown", True)


def test_more_files_than_the_cap_are_no_pass(tmp_path: Path) -> None:
    for number in range(files.MAX_FILES + 1):
        (tmp_path / f"m{number}.py").touch()

    result = run_source(tmp_path)

    assert result.outcome == "unknown"
    assert result.evidence["files"].value == files.MAX_FILES
    assert "more than 5000 files" in result.reason


def test_files_without_time_left_are_reported(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()

    result = run_source(tmp_path, deadline_s=0.4)

    assert (result.outcome, result.reason) == ("unknown", "no time for 1 of 1 files")


def test_third_party_code_and_hidden_folders_are_skipped(tmp_path: Path) -> None:
    for name in (".git", "__pycache__", "node_modules", "env"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "batch.py").write_text(FLAW)
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "a.py").touch()

    result = run_source(tmp_path)

    assert (result.outcome, result.evidence["files"].value) == ("pass", 1)


@pytest.mark.parametrize("name", ["settings.toml", "folder"])
def test_a_path_without_python_is_skipped(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.mkdir() if name == "folder" else path.write_text("a = 1\n")

    assert run_source(path).outcome == "skipped"


def test_code_that_a_target_names_and_that_is_gone_is_no_pass(tmp_path: Path) -> None:
    target = Target("prod", (Endpoint("source", "app", "app"),), folder=tmp_path)

    result = run_probes(target, "source")["source"]

    assert (result.outcome, result.reason) == ("unknown", "app: No such file or directory")


def test_the_command_line_exits_with_1_for_warnings_where_it_is_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "batch.py").write_text(FLAW)
    command = ["check", "source", "--target", str(tmp_path), "--format", "json"]

    assert main.main(command) == 0
    assert main.main([*command, "--fail-on", "warn"]) == 1
    document = json.loads(capsys.readouterr().out.partition("\n}\n")[0] + "}")
    assert document["diagnoses"][0]["verdict"] == "suspected"
