"""Reading code is limited, reports skipped files, and never shows a secret."""

import json
import os
import sys
from pathlib import Path

import pytest

from diagnostics.cli import main
from diagnostics.clients.source import files, parallel
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
    (tmp_path / "a.py").write_text(
        "connect(password='hunter2-horse9')\nU = 'postgresql://a:q8Zr31mm@db.internal/x'\n"
    )

    result = run_source(tmp_path)

    assert str(result.evidence["hardcoded_secret"].value).endswith("a.py:2")
    assert "hunter2" not in repr(result)
    assert "q8Zr31mm" not in repr(result)


def test_all_places_are_recorded_and_people_are_shown_the_first_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text(FLAW * 30)
    command = ["check", "source", "--target", str(tmp_path)]

    main.main([*command, "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    places = [item for item in document["results"][0]["evidence"] if item["name"] == "insert_per_row"]
    main.main(command)
    text = capsys.readouterr().out

    assert [item["value"].rpartition(":")[2] for item in places] == [str(2 * n) for n in range(1, 31)]
    assert len({item["fingerprint"] for item in places}) == 30
    assert "and 10 more places" in text
    assert "a.py:60" not in text


def test_a_file_that_cannot_be_parsed_takes_nothing_else_along(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import requests\ndef f(:\n")
    (tmp_path / "batch.py").write_text(FLAW)

    result = run_source(tmp_path)

    assert (result.outcome, result.codes) == ("warn", ["source.insert_per_row"])
    assert "broken.py: cannot be parsed: line 2" in str(result.evidence["not_read"].value)
    assert result.reason == "1 of 2 files were not read"


def test_nothing_that_can_be_parsed_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import requests\ndef f(:\n")

    result = run_source(tmp_path)

    assert result.outcome == "unknown"
    assert "broken.py: cannot be parsed: line 2" in result.reason


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python parses it")
@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("except OSError, error:\n    pass", "2.7"),
        ("except OSError, E:\n    pass", "2.7"),
        ("finally:\n    page = t'<p>{name}</p>'", "3.14"),
    ],
)
def test_syntax_of_another_python_is_reported_with_its_version(
    tmp_path: Path, line: str, version: str
) -> None:
    (tmp_path / "other.py").write_text(f"import requests\ntry:\n    requests.get(u, timeout=3)\n{line}\n")
    (tmp_path / "a.py").touch()

    result = run_source(tmp_path)

    assert f"Python {version} would parse it" in str(result.evidence["not_read"].value)
    assert result.outcome == "pass"


def test_our_rules_read_files_of_newer_versions_as_far_as_they_can_be_rewritten(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text(
        "import requests\n\nasync def pay[T](order: T) -> T:\n    try:\n"
        "        return requests.post(u, timeout=3)\n    except OSError, ValueError:\n        raise\n"
    )
    result = run_source(tmp_path)

    assert result.codes == ["source.blocking_call_in_async"]
    assert result.evidence["blocking_call_in_async"].value == f"{tmp_path}/new.py:5"
    assert "not_read" not in result.evidence


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python parses it")
def test_ruff_reads_files_that_this_python_cannot_parse(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text(
        "import requests\ntry:\n    requests.get(u)\n    requests.get(v, **options)\n"
        "finally:\n    page = t'<p>{name}</p>'\n"
    )
    (tmp_path / "a.py").touch()

    result = run_source(tmp_path)

    assert result.codes == ["source.http_no_timeout"]
    hit = result.evidence["http_no_timeout"]
    assert hit.value == f"{tmp_path}/new.py:3"
    assert hit.note.endswith("; ruff S113")


def test_ruff_adds_what_our_rules_do_not_know(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from subprocess import Popen\nasync def dump():\n"
        "    process = Popen(['pg_dump'])\n    process.wait()\n"
    )

    assert "source.blocking_call_in_async" in run_source(tmp_path).codes


def test_without_ruff_the_result_says_what_was_not_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.py").touch()
    monkeypatch.setattr(sys, "path", [path for path in sys.path if not (Path(path) / "ruff").is_dir()])
    for name in [name for name in sys.modules if name.partition(".")[0] == "ruff"]:
        monkeypatch.delitem(sys.modules, name)

    result = run_source(tmp_path)

    assert result.outcome == "pass"
    assert "blocking subprocesses" in str(result.evidence["not_looked_for"].value)


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_a.py",
        "app/test_a.py",
        "docs/a.py",
        "app/migrations/0001.py",
        "vendor/x/a.py",
        "a/conftest.py",
    ],
)
def test_code_that_is_not_the_program_is_left_out(tmp_path: Path, path: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(FLAW)
    (tmp_path / "main.py").touch()

    result = run_source(tmp_path)

    assert (result.outcome, result.evidence["files"].value) == ("pass", 1)


def test_a_file_that_is_named_is_read_wherever_it_is(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(FLAW)

    assert run_source(tmp_path / "tests" / "test_a.py").codes == ["source.insert_per_row"]


def test_what_git_ignores_is_left_out_and_the_nearest_file_decides(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("/generated/\n*_local.py\n")
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated" / "a.py").write_text(FLAW)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / ".gitignore").write_text("!kept_local.py\n")
    for name in ("settings_local.py", "kept_local.py"):
        (tmp_path / "app" / name).write_text(FLAW)

    result = run_source(tmp_path)

    assert result.evidence["insert_per_row"].value == f"{tmp_path}/app/kept_local.py:2"
    assert result.evidence["files"].value == 1


def test_a_target_includes_and_excludes_by_patterns(tmp_path: Path) -> None:
    for name in ("docs/keep/a.py", "docs/b.py", "app/c.py", "app/d.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(FLAW)
    source = Source(paths=(".",), include=("docs/keep/",), exclude=("d.py",))
    target = Target("prod", (Endpoint("source", ".", "."),), TargetSettings(source=source), tmp_path)

    run = run_probes(target, "source")["source"]

    assert run.evidence["files"].value == 2


def test_many_files_are_read_by_several_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        (tmp_path / f"m{number}.py").write_text(FLAW if number % 20 == 0 else "import requests\n")
    monkeypatch.setattr(parallel, "PROCESSES_FROM", 50)
    monkeypatch.setattr(parallel, "_available", lambda: 2)

    result = run_source(tmp_path)

    assert (result.codes, result.evidence["files"].value) == (["source.insert_per_row"], 60)
    assert sum(item.name == "insert_per_row" for item in result.all_evidence) == 3


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "batch.py").write_text("x = 1\n")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "self.py").symlink_to(tmp_path / "self.py")

    result = run_source(tmp_path)

    assert result.evidence["files"].value == 1
    assert "self.py" in str(result.evidence["not_read"].value)


def test_a_pipe_that_is_called_python_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")

    result = run_source(tmp_path)

    assert (result.outcome, "not a regular file" in result.reason) == ("unknown", True)


def test_a_file_of_more_than_a_megabyte_is_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text("#" * (files.MAX_BYTES + 1))

    result = run_source(tmp_path)

    assert (result.outcome, "larger than 1 MB" in result.reason) == ("unknown", True)


def test_more_files_than_the_cap_are_no_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 3)
    for number in range(4):
        (tmp_path / f"m{number}.py").touch()

    result = run_source(tmp_path)

    assert result.outcome == "unknown"
    assert result.evidence["files"].value == files.MAX_FILES
    assert "the rest was not read" in result.reason


def test_files_without_time_left_are_reported(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()

    result = run_source(tmp_path, deadline_s=0.4)

    assert (result.outcome, result.reason) == ("unknown", "no time for 1 of 1 files: --deadline gives more")


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
