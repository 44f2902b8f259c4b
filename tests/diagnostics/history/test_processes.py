"""History of processes that are killed, run in parallel, or cannot write."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from diagnostics.engine.events import Step
from diagnostics.history.export import exported
from diagnostics.history.folder import MAX_RUNS, runs_folder
from diagnostics.history.listing import list_runs, load_run
from diagnostics.history.reader import read_run
from diagnostics.history.replay import attempts
from diagnostics.report.formats.ndjson import event_line
from tests.diagnostics.cli.test_main import CLI, NOWHERE, ROOT, listening, run

pytestmark = pytest.mark.slow

MANY = """
import sys
from dataclasses import replace
from diagnostics.history.writer import RunFile
from tests.diagnostics.report.formats.test_formats import EVENTS, REPORT

for number in range(130):
    report = replace(REPORT, run_id=f"20260101T000{number:03}Z-{int(sys.argv[1]):06x}")
    file = RunFile.begin(report)
    for event in EVENTS:
        file.observe(event)
    if file.finish(report).notes:
        sys.exit(file.note)
"""
NO_ROOM = """
import resource, sys
from diagnostics.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
sys.exit(main(["check", "--target", sys.argv[1], "--record", "--format", "json"]))
"""


@pytest.fixture(autouse=True)
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test and its processes an empty history."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def started(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, cwd=ROOT, text=True)


def test_a_run_killed_in_the_middle_leaves_every_event_that_anyone_saw() -> None:
    with listening(b"") as port:
        url = f"postgresql://app@127.0.0.1:{port}/db"
        process = started(*CLI[1:], "check", "--target", url, "--record", "--format", "ndjson")
        assert process.stdout
        seen = []
        for line in process.stdout:
            seen.append(line)
            if json.loads(line)["event"] == "step":
                break
        (during,) = list_runs().runs
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
        seen += process.stdout.readlines()
        process.stdout.close()

    (after,) = list_runs().runs
    whole = load_run(after.id)
    assert process.returncode == -signal.SIGKILL
    assert (during.state, after.state) == ("running", "cut short")
    assert any(isinstance(event.body, Step) for event in whole.events)
    assert [event_line(event) for event in whole.events][: len(seen) - 1] == seen[1:]
    assert after.targets == (url,)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_asked_to_end_is_kept_with_its_exit_code(number: int, code: int) -> None:
    script = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from diagnostics.cli.main import main;"
        "sys.exit(main(['check', '--target', sys.argv[1], '--record', '--format', 'ndjson']))"
    )
    with listening(b"") as port:
        process = started("-c", script, f"postgresql://app@127.0.0.1:{port}/db")
        assert process.stdout
        for line in process.stdout:
            if json.loads(line)["event"] == "step":
                break
        process.send_signal(number)
        process.communicate(timeout=20)

    (only,) = list_runs().runs
    assert (only.state, only.exit_code) == ("finished", code)


def test_two_instances_at_once_keep_every_run_whole_and_no_more_than_the_newest() -> None:
    both = [started("-c", MANY, str(number)) for number in (1, 2)]
    for process in both:
        process.communicate(timeout=60)

    listing = list_runs()
    assert [process.returncode for process in both] == [0, 0]
    assert len(list(runs_folder().iterdir())) == len(listing.runs) == MAX_RUNS
    assert {run.state for run in listing.runs} == {"finished"}
    assert all(not load_run(run.id).report.notes for run in listing.runs)
    assert listing.notes == ()


def test_a_full_disk_costs_the_history_its_end_and_the_run_nothing(data_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_ROOM, NOWHERE],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=60,
        env={**os.environ, "XDG_CACHE_HOME": str(data_home / "cache")},
    )
    whole = json.loads(run("check", "--target", NOWHERE, "--format", "json").stdout)

    document = json.loads(done.stdout)
    (path,) = runs_folder().iterdir()
    assert (done.returncode, done.stderr) == (1, "")
    assert [one["outcome"] for one in document["results"]] == [one["outcome"] for one in whole["results"]]
    assert [note for note in document["notes"] if "history" in note] == [
        f"the record of this run in the history is incomplete: {path}: File too large"
    ]
    assert path.stat().st_size == 1500
    assert read_run(path).state == "cut short"
    assert read_run(path).report.notes == ("this run has not ended; the report has its results so far",)


@pytest.mark.parametrize("verb", [["check"], ["diagnose", "-"], ["verify", "db-connection-refused"]])
def test_each_verb_that_runs_probes_keeps_its_run_only_where_it_is_asked_to(verb: list[str]) -> None:
    text = "connection refused by the database\n"
    unasked = run(*verb, "--target", NOWHERE, text=text)
    before = list_runs().runs
    asked = run(*verb, "--target", NOWHERE, "--record", text=text)

    assert before == ()
    assert unasked.returncode == asked.returncode
    (only,) = list_runs().runs
    assert (only.state, only.exit_code, only.outcome) == ("finished", asked.returncode, "fail")


def test_a_history_that_cannot_be_written_changes_neither_code_nor_answer() -> None:
    done = run("check", "--target", NOWHERE, "--record", "--quiet", XDG_DATA_HOME="/proc/nowhere")
    told = run("check", "--target", NOWHERE, "--record", XDG_DATA_HOME="/proc/nowhere")

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert told.returncode == 1
    assert told.stdout.count("the record of this run in the history is incomplete") == 1


def test_no_password_of_a_url_reaches_the_history() -> None:
    run("check", "--target", "postgresql://app:hunter2-canary@127.0.0.1:9/db", "--record")

    (path,) = runs_folder().iterdir()
    assert "hunter2" not in path.read_text("utf-8")


def test_the_command_line_lists_what_is_kept() -> None:
    empty = run("list", "runs")
    run("check", "connect", "--target", NOWHERE, "--record")
    (runs_folder() / "stray").write_text("x")
    listed = run("list", "runs")
    rows = json.loads(run("list", "runs", "--format", "json").stdout)

    (row,) = rows["runs"]
    assert (empty.returncode, empty.stdout) == (0, "")
    assert "check --record" in empty.stderr
    assert rows["schema_version"] == "1"
    assert (row["state"], row["entries"], row["exit_code"]) == ("finished", ["db-connection-refused"], 1)
    assert listed.stdout == f"{row['id']}  {row['summary']}\n"
    assert listed.stderr == "skipped: stray: is not a run of clearpay-doctor\n"


AGAIN = {
    "rounds": ("check", "--target", NOWHERE, "--repeat", "3", "--every", "1ms"),
    "tries": ("verify", "db-connection-refused", "--target", NOWHERE, "--wait", "1s"),
}


@pytest.mark.parametrize("format_", ["json", "ndjson", "junit"])
@pytest.mark.parametrize("call", AGAIN.values(), ids=AGAIN)
def test_what_ran_again_and_again_is_exported_as_its_command_wrote_it(
    call: tuple[str, ...], format_: str
) -> None:
    done = run(*call, "--record", "--format", format_)

    (only,) = list_runs().runs
    kept = load_run(only.id)
    assert len(attempts(kept.events)) > 1
    assert exported(kept, format_) == done.stdout


def test_a_run_that_ends_within_a_round_keeps_the_rounds_before_it() -> None:
    script = (
        "import sys; from diagnostics.cli.main import main;"
        "sys.exit(main(['check', 'connect', '--target', sys.argv[1], '--record', '--repeat', '9',"
        " '--every', '30s', '--format', 'ndjson']))"
    )
    process = started("-c", script, NOWHERE)
    assert process.stdout
    for line in process.stdout:
        if json.loads(line)["event"] == "round_finished":
            break
    process.kill()
    process.communicate(timeout=20)

    (only,) = list_runs().runs
    (first,) = load_run(only.id).report.rounds
    assert only.state == "cut short"
    assert (first.outcome, first.exit_code) == ("fail", 1)
