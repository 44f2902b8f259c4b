"""Commands that a report prints, copied to a shell and run: they examine the same thing again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from diagnostics.lab.lab import Lab
from tests.diagnostics.cli.test_main import NOWHERE, ROOT, run

QUERY = "sslmode=require&target_session_attrs=read-write&options=-c%20statement_timeout%3D7s"


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    """Provide a folder with `clearpay-doctor`, for a PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "clearpay-doctor"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m diagnostics.cli "$@" --format json\n')
    program.chmod(0o755)
    return folder


def pasted(command: str, shell: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a printed command in another folder, without waiting for a fix."""
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("--wait 2m", "")],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=60,
        env={**os.environ, **variables, "PATH": f"{shell}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
    )


def next_of(*arguments: str, cwd: Path | None = None) -> list[str]:
    """Return the commands of all diagnoses of a run."""
    report = json.loads(run(*arguments, "--format", "json", cwd=cwd).stdout)
    return [command for diagnosis in report["diagnoses"] for command in diagnosis["next"]]


@pytest.mark.lab
def test_what_is_wrong_with_the_query_of_a_url_is_still_wrong_for_the_printed_command(
    lab: Lab, shell: Path
) -> None:
    host = lab.target.endpoints[-3].url.partition("@")[2].partition("?")[0]
    url = f"postgresql://app_user@{host}?{QUERY}"

    (command,) = next_of("check", "connect", "--target", url)
    again = pasted(command, shell)

    assert QUERY in command
    assert again.returncode == 5, again.stdout + again.stderr
    codes = [
        finding["code"] for result in json.loads(again.stdout)["results"] for finding in result["findings"]
    ]
    assert codes == ["connect.tls_refused"]


def test_the_password_of_a_url_is_asked_for_by_the_shell(shell: Path) -> None:
    (command,) = next_of("check", "connect", "--target", NOWHERE.replace("app@", "app:hunter2-canary@"))

    without, with_password = pasted(command, shell), pasted(command, shell, TARGET_PASSWORD="hunter2-canary")

    assert "hunter2" not in command
    assert without.returncode not in {0, 1, 3, 5}
    assert "TARGET_PASSWORD: set it to the password" in without.stderr
    assert with_password.returncode == 5
    assert json.loads(with_password.stdout)["results"][0]["endpoint"] == NOWHERE


def test_target_file_settings_and_entries_are_named_again(shell: Path, tmp_path: Path) -> None:
    (tmp_path / "our targets.toml").write_text(
        '[target.prod]\ndatabase = "postgresql://app@clearpay-db.invalid/pay"\n'
        'commands = {start_database = "false"}\n'
    )
    (tmp_path / "team kb").mkdir()

    (command,) = next_of(
        "check", "connect", "--target", "prod", "--config", "our targets.toml", "--kb", "team kb",
        "--set", f"database={NOWHERE}", "--set", "commands.start_database=service 'pg 15' start",
        cwd=tmp_path,
    )  # fmt: skip
    again = pasted(command, shell)

    (diagnosis,) = json.loads(again.stdout)["diagnoses"]
    assert again.returncode == 5, again.stderr
    assert diagnosis["finding"] == "connect.refused"
    assert "service 'pg 15' start" in diagnosis["fix"][1]["code"]
    assert diagnosis["next"] == [command]


def test_a_target_of_the_environment_needs_no_option(shell: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", NOWHERE)

    (command,) = next_of("check", "connect")

    assert command == "clearpay-doctor verify db-connection-refused --wait 2m"
    assert pasted(command, shell).returncode == 5


def test_rotation_is_not_recommended_to_a_target_without_a_rotated_secret() -> None:
    document = json.loads(run("check", "rotation", "--target", NOWHERE, "--format", "json").stdout)
    rotation = next(result for result in document["results"] if result["probe"] == "rotation")

    assert rotation["outcome"] == "skipped"
    assert rotation["reason"] == f"target {NOWHERE} names no AWS secret under [rotation]"
    assert not any("rotation" in command for item in document["diagnoses"] for command in item["next"])


def test_the_page_of_an_entry_has_no_placeholder_in_its_commands(tmp_path: Path) -> None:
    plain = run("explain", "db-deadlock").stdout
    with_kb = run("explain", "db-deadlock", "--kb", str(tmp_path)).stdout

    assert "  clearpay-doctor check db-deadlock\n" in plain
    assert "  clearpay-doctor verify db-deadlock --wait 2m\n" in plain
    assert f"clearpay-doctor verify db-deadlock --kb {tmp_path} --wait 2m\n" in with_kb


def test_match_names_the_folder_of_own_entries(tmp_path: Path) -> None:
    done = run("match", "-", "--kb", str(tmp_path), text="FATAL: deadlock detected\n")

    assert done.stdout.endswith(f"More: clearpay-doctor explain db-deadlock --kb {tmp_path}\n")
