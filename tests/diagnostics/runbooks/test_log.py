"""Incident log: no signal and no kill loses a step, and other files are refused."""

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from diagnostics.runbooks.incident import document
from diagnostics.runbooks.log import IncidentLog, read
from diagnostics.runbooks.schema import incident_schema
from tests.diagnostics.cli.test_main import NOWHERE, ROOT, complained
from tests.diagnostics.report.test_round_trip import closed
from tests.diagnostics.runbooks.team_runbook import (
    RUN,
    SOMEBODY,
    begin,
    events,
    hanging,
    inside,
    resume,
    team,
    up,
)

STRICT = Draft202012Validator(closed(incident_schema()))
"""Refuses a field that was added and not published."""

pytestmark = pytest.mark.usefixtures("own_place")


@pytest.fixture
def kb(tmp_path: Path) -> str:
    return team(tmp_path)


def test_a_run_is_resumed_where_it_stopped_and_its_log_tells_both(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    begin(kb, log)

    done = resume(kb, log, *SOMEBODY)

    assert done.returncode == 1
    assert [event["event"] for event in events(log)] == [
        "runbook_started", "runbook_stopped", "runbook_resumed", "step_done", "step_done", "runbook_ended",
    ]  # fmt: skip
    page = (tmp_path / "i.md").read_text()
    expected = [
        "no answer at step `ready`", "resumed at step `ready`", "### 1. Is somebody there?",
        "Answer: **somebody**, from --answer.", "### 2. The connection", "## Ended in a fix: A known error",
    ]  # fmt: skip
    assert sorted(expected, key=page.index) == expected


def test_each_step_that_was_done_survives_a_kill_and_the_page_tells_of_it(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    with hanging(kb, log) as run:
        run.process.kill()
        run.process.wait(60)
    with log.open("ab") as file:
        file.write(b'{"event": "step_do')  # what a kill in the middle of a write leaves

    assert [visit["step"] for visit in events_whole(log)] == ["ready"]
    done = resume(kb, log, target=run.target)
    assert done.returncode == 1, done.stderr
    assert [event["event"] for event in events(log)][-3:] == ["runbook_resumed", "step_done", "runbook_ended"]
    assert "nothing more was written: the run was killed" in (tmp_path / "i.md").read_text()


def events_whole(log: Path) -> list[dict[str, Any]]:
    """Return the steps of the complete lines."""
    whole = log.read_text().splitlines()[:-1]
    return [event for event in map(json.loads, whole) if event["event"] == "step_done"]


@pytest.mark.parametrize(
    ("number", "code", "name"),
    [(signal.SIGINT, 130, "human"), (signal.SIGTERM, 143, "markdown"), (signal.SIGTERM, 143, "json")],
)
def test_a_signal_has_its_code_and_the_log_so_far(
    number: int, code: int, name: str, kb: str, tmp_path: Path
) -> None:
    log = tmp_path / "i.ndjson"

    with hanging(kb, log, "--format", name) as run:
        run.process.send_signal(number)
        out, complaint = run.process.communicate(timeout=60)

    assert run.process.returncode == code
    assert "ready" in out
    assert complaint == (
        f"clearpay-doctor: not ended; continue with: clearpay-doctor runbook run a-trouble "
        f"--resume {log} --target '{run.target}' --kb {kb}\n"
    )
    stop = events(log)[-1]
    assert (stop["event"], stop["step"], stop["after"]) == ("runbook_stopped", "connection", 1)
    assert stop["report"]["results"][0]["probe"] == "connect"
    where = run.target.partition("?")[0]
    assert f"connect on `{where}`: unknown: " in (tmp_path / "i.md").read_text()


LOGS = {
    "missing": None,
    "empty": "",
    "no_log": "FATAL: password authentication failed\n",
    "json_document": '{\n  "schema_version": "1"\n}\n',
    "other_event": '{"event": "run_started", "schema_version": "1", "tool_version": "0.1.0"}\n',
    "newer": '{"event": "runbook_started", "schema_version": "2", "tool_version": "9.1", "mood": 3}\n',
    "too_little": '{"event": "runbook_started", "schema_version": "1", "tool_version": "0.1.0"}\n',
    "deep": "[" * 100_000 + "\n",
}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing", ("No such file",)),
        ("empty", ("is empty", "without --resume")),
        ("no_log", ("is not a log of a runbook", ".ndjson")),
        ("json_document", ("is not a log of a runbook", ".ndjson")),
        ("other_event", ("is not a log of a runbook",)),
        ("newer", ("clearpay-doctor 9.1 wrote it in schema 2", "go on with the version that wrote it")),
        ("too_little", ("is not a log of a runbook",)),
        ("deep", ("is not a log of a runbook",)),
    ],
)
def test_what_is_no_log_of_a_runbook_is_one_clear_line(
    name: str, words: tuple[str, ...], kb: str, tmp_path: Path
) -> None:
    log = tmp_path / "i.ndjson"
    if (text := LOGS[name]) is not None:
        log.write_text(text, "utf-8")

    complained(resume(kb, log), 2, f"--resume {log}: ", *words)


def test_a_line_that_is_damaged_is_named_and_the_lines_before_it_are_enough(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    begin(kb, log)
    first, *_ = whole = log.read_text().splitlines(keepends=True)
    log.write_text("".join([first, "garbage\n", *whole[1:]]))

    complained(resume(kb, log, *SOMEBODY), 2, "line 2 is damaged", "cut the file off before it")
    log.write_text(first)
    assert resume(kb, log, *SOMEBODY).returncode == 1


def test_a_log_of_another_runbook_is_refused(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    begin(kb, log)

    done = inside("runbook", "run", "payments-slow", "--resume", str(log), "--target", NOWHERE)

    complained(done, 2, "is a log of a-trouble, not of payments-slow")


def test_a_log_that_has_ended_is_not_gone_on_with(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    begin(kb, log, "--answer", "ready=nobody")

    complained(resume(kb, log), 2, "has ended, at call", "begin a new run")


def test_a_log_of_other_targets_or_of_another_record_is_refused(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    begin(kb, log)

    complained(resume(kb, log, target="postgresql://app@127.0.0.1:9/other"), 2, "is about", "--target")
    with log.open("a") as file:
        step = events(log)[0] | {"event": "step_done", "step": "say", "ended": "", "answered_by": ""}
        keys = ("event", "step", "started", "ended", "who")
        file.write(json.dumps({key: step[key] for key in keys}) + "\n")
    complained(resume(kb, log), 2, "no longer fits the runbook")


def test_a_new_log_replaces_nothing(kb: str, tmp_path: Path) -> None:
    (tmp_path / "taken.ndjson").write_text("mine")
    (tmp_path / "notes.md").write_text("mine")

    complained(begin(kb, tmp_path / "taken.ndjson"), 2, "exists", f"--resume {tmp_path / 'taken.ndjson'}")
    complained(begin(kb, tmp_path / "notes.ndjson"), 2, "notes.md exists beside it", "name another file")
    complained(begin(kb, Path("/proc/x/y")), 2, "--log")
    assert (tmp_path / "notes.md").read_text() == "mine"
    assert not (tmp_path / "notes.ndjson").exists()


def test_log_and_resume_are_not_given_together(kb: str, tmp_path: Path) -> None:
    complained(resume(kb, tmp_path / "x", "--log", "y"), 2, "not allowed with --resume")


def test_the_log_is_private_and_stands_in_a_folder_of_the_user(kb: str, tmp_path: Path) -> None:
    inside(*RUN, "--kb", kb, "--target", NOWHERE, *SOMEBODY)

    (log,) = (tmp_path / "clearpay-doctor" / "incidents").glob("a-trouble-*.ndjson")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert log.with_suffix(".md").exists()
    assert log.with_suffix(".json").exists()


def test_a_log_reads_back_as_the_incident_that_was_written(kb: str, tmp_path: Path) -> None:
    begin(kb, tmp_path / "i.ndjson", *SOMEBODY)

    incident, length = read(tmp_path / "i.ndjson")

    assert [visit.report.get("exit_code") for visit in incident.visits] == [None, 1]
    assert document(incident) == json.loads((tmp_path / "i.json").read_text())
    assert length == (tmp_path / "i.ndjson").stat().st_size


def test_the_published_schema_is_fresh_and_a_schema() -> None:
    published = json.loads((ROOT / "diagnostics" / "runbooks" / "incident.schema.json").read_text("utf-8"))

    Draft202012Validator.check_schema(published)
    assert published == incident_schema(), "stale: run make schema"
    assert json.loads(inside("entry", "schema", "--incident").stdout) == published


def test_whatever_becomes_of_a_run_its_document_is_as_published(kb: str, tmp_path: Path) -> None:
    with up() as target:
        begin(kb, tmp_path / "green.ndjson", *SOMEBODY, target=target)
    begin(kb, tmp_path / "escalated.ndjson", "--answer", "ready=nobody")
    begin(kb, tmp_path / "unanswered.ndjson")
    begin(kb, tmp_path / "resumed.ndjson")
    fix = resume(kb, tmp_path / "resumed.ndjson", *SOMEBODY, "--format", "json")
    with hanging(kb, tmp_path / "terminated.ndjson") as run:
        run.process.terminate()
        run.process.communicate(timeout=60)

    found = {path.stem: json.loads(path.read_text("utf-8")) for path in tmp_path.glob("*.json")}
    for document_ in found.values():
        STRICT.validate(document_)
    assert {name: one["exit_code"] for name, one in found.items()} == {
        "green": 0, "escalated": 1, "unanswered": 2, "resumed": 1, "terminated": 143,
    }  # fmt: skip
    assert json.loads(fix.stdout) == found["resumed"]


def test_two_runs_do_not_write_to_one_log(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    begin(kb, log)

    with IncidentLog.resume(log):
        done = resume(kb, log)

    complained(done, 2, "another run is writing")


def test_a_full_disk_is_one_clear_line(kb: str) -> None:
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700)); "
    program = limited + "from diagnostics.cli.main import main; sys.exit(main(sys.argv[1:]))"
    log = Path(kb) / "i.ndjson"
    arguments = [*RUN, "--kb", kb, "--log", str(log), "--target", NOWHERE, *SOMEBODY]

    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )

    complained(done, 2, "File too large")
