"""Run the examples of the pages about runbooks and automation, as printed, against the lab."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.runbooks.lookup import read_checked
from kb.runbook_model.loader import load_runbooks
from tests.diagnostics.clients.postgres.foreign_servers import fake_server
from tests.diagnostics.runbooks.test_log import STRICT
from tests.support.proof import CATALOGUE

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "site_docs" / "pages"
AUTOMATION = (PAGES / "automation.md").read_text("utf-8")
RUNBOOKS = (PAGES / "runbooks.md").read_text("utf-8")
WRAPPER = '#!/bin/sh\nPYTHONPATH={root} exec {python} -m diagnostics.cli "$@"\n'
pytestmark = pytest.mark.lab


def blocks(page: str, language: str, heading: str = "") -> list[str]:
    """Return the fenced blocks of a language, optionally only those below a heading."""
    part = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0] if heading else page
    return re.findall(rf"^```{language}\n(.*?)^```", part, re.MULTILINE | re.DOTALL)


class Workspace:
    """Folder with a target file that names the lab `prod`, and an environment like that of cron."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        tools = folder / "bin"
        tools.mkdir()
        wrapper = tools / "clearpay-doctor"
        wrapper.write_text(WRAPPER.format(root=ROOT, python=sys.executable), "utf-8")
        wrapper.chmod(0o755)
        self.environment = {
            "PATH": f"{tools}:/usr/bin:/bin",
            "HOME": str(folder),
            "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
            "PYTHONPATH": str(ROOT),
            "CLEARPAY_DOCTOR_CONFIG": "clearpay-doctor.toml",
        }
        self.renew()

    def renew(self) -> None:
        """Write the target file with the current addresses of the lab."""
        text = self.lab.target_file.read_text("utf-8").replace("[target.lab", "[target.prod")
        (self.folder / "clearpay-doctor.toml").write_text(text, "utf-8")

    def run(self, *command: str, text: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a program in the folder, without a terminal."""
        return subprocess.run(
            command, input=text, capture_output=True, text=True, check=False, cwd=self.folder,
            env=self.environment, timeout=120,
        )  # fmt: skip


@pytest.fixture
def workspace(lab: Lab, tmp_path: Path) -> Iterator[Workspace]:
    yield Workspace(lab, tmp_path)
    lab.repair()


def test_the_target_file_of_the_page_is_enough_for_its_first_command(workspace: Workspace) -> None:
    (table,) = blocks(AUTOMATION, "toml", "Before the first run")
    (command,) = re.findall(r"`(clearpay-doctor [^`]+--plan)`", AUTOMATION)
    (workspace.folder / "clearpay-doctor.toml").write_text(table, "utf-8")

    planned = workspace.run("sh", "-c", command)

    assert (planned.returncode, planned.stderr) == (0, "")
    assert "One login as the application" in planned.stdout


def test_the_script_for_cron_prints_nothing_if_healthy_and_one_line_otherwise(workspace: Workspace) -> None:
    (script,) = blocks(AUTOMATION, "sh", "A shell script, and cron")
    (workspace.folder / "check.sh").write_text(script, "utf-8")

    healthy = workspace.run("sh", "check.sh")
    inject(workspace.lab, "connect.refused")
    workspace.renew()
    broken = workspace.run("sh", "check.sh")

    assert (healthy.returncode, healthy.stdout, healthy.stderr) == (0, "", "")
    assert (broken.stdout, broken.stderr) == ("ClearPay: a known error, see last.md\n", "")
    assert "db-connection-refused" in (workspace.folder / "last.md").read_text()


def test_a_run_that_timeout_ends_still_writes_its_report(workspace: Workspace) -> None:
    def keep_waiting(client: socket.socket) -> None:
        client.recv(65536)
        asked.set()
        ended.wait(60)

    asked, ended = threading.Event(), threading.Event()
    with fake_server(keep_waiting) as port:
        target = f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"
        for patience in ("2", "8", "32"):  # a busy machine takes longer to start
            done = workspace.run(
                "timeout", patience, "clearpay-doctor", "check", "connect", "--target", target,
                "--set", "thresholds.connect_timeout_s=60", "--quiet", "--output", "last.json:json",
            )  # fmt: skip
            if asked.is_set():
                break
        ended.set()

    report = json.loads((workspace.folder / "last.json").read_text())
    assert (done.returncode, done.stdout, done.stderr) == (124, "", "")
    assert report["exit_code"] == 143
    assert [result["reason"] for result in report["results"]] == ["terminated"]


def test_the_blocks_of_a_markdown_runbook_run_as_printed_and_stop_at_a_finding(workspace: Workspace) -> None:
    steps, runner = blocks(AUTOMATION, "sh", "A runbook in Markdown")
    (workspace.folder / "runbook.md").write_text(f"# Before we open\n\n```sh\n{steps}```\n", "utf-8")

    healthy = workspace.run("sh", "-c", runner)
    inject(workspace.lab, "login.stale_credential")
    workspace.renew()
    broken = workspace.run("sh", "-c", runner)

    assert healthy.returncode == 0, healthy.stdout + healthy.stderr
    assert "Ready" in healthy.stdout
    assert broken.returncode == 1
    assert "db-credential-rotation" in broken.stdout
    assert "Ready" not in broken.stdout


@pytest.mark.parametrize(
    ("heading", "schema"), [("GitHub Actions", "vendor.github-workflows"), ("GitLab CI", "vendor.gitlab-ci")]
)
def test_a_pipeline_is_valid_by_its_published_schema(heading: str, schema: str, tmp_path: Path) -> None:
    (text,) = blocks(AUTOMATION, "yaml", heading)
    (tmp_path / "pipeline.yml").write_text(text, "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, tmp_path / "pipeline.yml"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_steps_of_github_annotate_the_findings(workspace: Workspace) -> None:
    steps = yaml.safe_load(blocks(AUTOMATION, "yaml", "GitHub Actions")[0])["jobs"]["preflight"]["steps"]
    commands = {step["name"]: step["run"] for step in steps if "name" in step}
    workspace.environment["GITHUB_STEP_SUMMARY"] = str(workspace.folder / "summary.md")
    inject(workspace.lab, "connect.refused")
    workspace.renew()

    found = workspace.run("bash", "-e", "-c", commands["Check"])
    annotated = workspace.run("bash", "-e", "-c", commands["Annotate"])

    assert found.returncode == 1
    assert annotated.returncode == 0, annotated.stderr
    (line,) = annotated.stdout.splitlines()
    assert line.startswith("::error title=db-connection-refused::The database host answers")
    assert "db-connection-refused" in (workspace.folder / "summary.md").read_text()


def test_the_script_of_gitlab_writes_the_report_that_it_names(workspace: Workspace) -> None:
    job = yaml.safe_load(blocks(AUTOMATION, "yaml", "GitLab CI")[0])["preflight"]
    ours = [line for line in job["script"] if line.startswith("clearpay-doctor")]

    done = workspace.run("sh", "-e", "-c", "\n".join(ours))

    assert done.returncode == 0, done.stdout + done.stderr
    suites = ET.parse(workspace.folder / job["artifacts"]["reports"]["junit"])  # noqa: S314  a file of the test
    assert [case.get("name") for case in suites.iter("testcase")] == ["connect", "login"]
    assert json.loads((workspace.folder / "preflight.json").read_text())["exit_code"] == 0


def test_the_commands_for_monitoring_run_as_printed(workspace: Workspace) -> None:
    plugin, textfile = blocks(AUTOMATION, "sh", "Nagios and Prometheus")[0].splitlines()

    asked, written = workspace.run("sh", "-c", plugin), workspace.run("sh", "-c", textfile)

    assert (asked.returncode, asked.stdout[:11]) == (0, "CLEARPAY OK")
    assert (written.returncode, written.stdout) == (0, "")
    assert "clearpay_doctor_exit_code 0" in (workspace.folder / "clearpay.prom").read_text()


def test_the_examples_in_python_run_and_are_right(workspace: Workspace) -> None:
    checking, diagnosing = blocks(AUTOMATION, "python")
    inject(workspace.lab, "connect.starting_up")
    workspace.renew()

    checked_ = workspace.run(sys.executable, "-c", checking)
    diagnosed = workspace.run(sys.executable, "-c", diagnosing)

    assert checked_.returncode == 1, checked_.stderr
    assert "db-starting-up PostgreSQL is starting" in checked_.stdout
    assert diagnosed.stdout.startswith("db-starting-up confirmed"), diagnosed.stderr


def test_the_examples_in_python_are_typed(tmp_path: Path) -> None:
    for number, text in enumerate(blocks(AUTOMATION, "python")):
        (tmp_path / f"example{number}.py").write_text(text, "utf-8")

    # As for a user: mypy reports nothing within an installed package.
    options = ["--strict", "--follow-imports=silent", "--config-file", "/dev/null"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *tmp_path.glob("*.py")],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=300,
        env={**os.environ, "MYPYPATH": str(ROOT)},
    )  # fmt: skip

    assert done.returncode == 0, done.stdout


def test_the_runbook_of_the_page_is_valid_and_runs_as_the_page_says(workspace: Workspace) -> None:
    folder = workspace.folder / "team" / "runbooks"
    folder.mkdir(parents=True)
    (text,) = blocks(RUNBOOKS, "yaml")
    (folder / "card-payments-declined.yaml").write_text(text, "utf-8")
    run = ("clearpay-doctor", "runbook", "run", "card-payments-declined", "--kb", "team", "--target", "prod")

    green = workspace.run(*run, "--answer", "bank=yes", "--log", "green.ndjson")
    unanswered = workspace.run(*run, "--log", "open.ndjson")
    inject(workspace.lab, "connect.refused")
    workspace.renew()
    broken = workspace.run(*run, "--log", "broken.ndjson")

    assert list(read_checked(folder, CATALOGUE)) == ["card-payments-declined"]
    assert (green.returncode, unanswered.returncode, broken.returncode) == (0, 2, 1)
    assert "--answer bank=yes or --answer bank=no" in unanswered.stderr
    assert "db-connection-refused" in (workspace.folder / "broken.md").read_text()
    for name in ("green", "open", "broken"):
        STRICT.validate(json.loads((workspace.folder / f"{name}.json").read_text()))


def test_the_commands_of_the_page_run_as_printed(workspace: Workspace) -> None:
    (workspace.folder / "team" / "runbooks").mkdir(parents=True)
    (text,) = blocks(RUNBOOKS, "yaml")
    (workspace.folder / "team" / "runbooks" / "card-payments-declined.yaml").write_text(text, "utf-8")

    for block in blocks(RUNBOOKS, "sh"):
        for line in block.splitlines():
            if "--resume" in line or line.endswith("payments-failing --target prod") or " lab" in line:
                continue  # ended by then; asks, and stands below with its answer; a lab is running
            done = workspace.run("sh", "-c", line)
            assert done.returncode == 0, line + done.stdout + done.stderr


def test_the_page_lists_every_shipped_runbook() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \|", RUNBOOKS, re.MULTILINE)) - {
        "check", "verify", "ask", "tell", "fix", "escalate", "green",
    } == set(load_runbooks())  # fmt: skip
