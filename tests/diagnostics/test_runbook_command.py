"""`runbook`: its exit codes, its incident log, and that no signal and no missing answer loses a step."""

import json
import os
import pty
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from diagnostics.runbooks.asking import choice_of
from diagnostics.runbooks.incident import document
from diagnostics.runbooks.log import IncidentLog, read
from tests.diagnostics.clients.strangers import answers, asks, stranger
from tests.diagnostics.test_cli import CLI, INTERRUPTIBLE, NOWHERE, ROOT, complained, run

RECORD = """\
title: A trouble
when: Now.
since: 0.1.0
steps:
  - id: ready
    title: Is somebody there?
    ask: Does somebody sit at the database?
    then:
      - {answer: somebody, go: door}
      - {answer: nobody, go: call}
  - id: door
    title: The door
    check: [connect]
    then:
      - {outcomes: [pass, warn], go: say}
      - {outcomes: [fail], go: fix}
    go: call
  - {id: say, title: Say it, tell: Tell the others., go: well}
  - {id: well, title: Well, green: All is well.}
  - {id: fix, title: A known error, fix: confirmed}
  - {id: call, title: Call, escalate: Call the people on duty.}
"""
SOMEBODY = ("--answer", "ready=somebody")
FORMATS = ("human", "json", "markdown")


@pytest.fixture
def kb(tmp_path: Path) -> str:
    """A team's own runbook."""
    folder = tmp_path / "kb" / "runbooks"
    folder.mkdir(parents=True)
    (folder / "a-trouble.yaml").write_text(RECORD, "utf-8")
    return str(tmp_path / "kb")


def walk(kb: str, log: Path, *more: str, target: str = NOWHERE) -> "subprocess.CompletedProcess[str]":
    return run("runbook", "run", "a-trouble", "--kb", kb, "--log", str(log), "--target", target, *more)


def events(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


@contextmanager
def up() -> Iterator[str]:
    """A server that asks for a password: reached, and no more is asked of it here."""
    with stranger(answers(asks(5, b"salt"))) as port:
        yield f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"


@pytest.mark.parametrize("name", FORMATS)
def test_a_green_end_is_0_in_every_format(name: str, kb: str, tmp_path: Path) -> None:
    with up() as target:
        done = walk(kb, tmp_path / "i.ndjson", *SOMEBODY, "--format", name, target=target)

    assert (done.returncode, done.stderr) == (0, "")
    assert "All is well" in done.stdout


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("answer", "text"), [("somebody", "db-connection-refused"), ("nobody", "on duty")])
def test_a_fix_and_an_escalation_are_1_in_every_format(
    answer: str, text: str, name: str, kb: str, tmp_path: Path
) -> None:
    done = walk(kb, tmp_path / "i.ndjson", "--answer", f"ready={answer}", "--format", name)

    assert (done.returncode, done.stderr) == (1, "")
    assert text in done.stdout


def test_where_nothing_answered_the_end_is_3(kb: str, tmp_path: Path) -> None:
    done = walk(kb, tmp_path / "i.ndjson", *SOMEBODY, "--deadline", "0.001ms", target=NOWHERE)

    assert done.returncode == 3, done.stdout
    assert "were over before it began" in done.stdout


def test_a_target_of_which_nothing_applies_is_3_and_never_green(kb: str, tmp_path: Path) -> None:
    done = walk(kb, tmp_path / "i.ndjson", *SOMEBODY, "--format", "json", target=str(tmp_path))

    assert done.returncode == 3
    assert [visit["outcome"] for visit in json.loads(done.stdout)["visits"]] == ["", "skipped"]


def test_a_missing_answer_names_step_question_choices_and_the_log(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"

    done = walk(kb, log, "--format", "json")

    complained(done, 2, "step ready asks: Does somebody sit at the database?", "--answer ready=somebody",
               "--answer ready=nobody", f"--resume {log}")  # fmt: skip
    assert [event["event"] for event in events(log)] == ["runbook_started", "runbook_stopped"]
    assert json.loads((tmp_path / "i.json").read_text())["exit_code"] == 2


def test_a_run_is_resumed_where_it_stopped_and_its_log_tells_both(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    walk(kb, log)

    done = run(
        "runbook", "run", "a-trouble", "--kb", kb, "--resume", str(log), "--target", NOWHERE, *SOMEBODY
    )

    assert done.returncode == 1
    assert [event["event"] for event in events(log)] == [
        "runbook_started", "runbook_stopped", "runbook_resumed", "step_done", "step_done", "runbook_ended",
    ]  # fmt: skip
    page = (tmp_path / "i.md").read_text()
    assert "no answer at step `ready`" in page
    assert "resumed at step `ready`" in page
    assert "Answer: **somebody**, from --answer." in page


def test_each_step_that_was_done_survives_a_kill(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    asked, ended = threading.Event(), threading.Event()

    def keep_waiting(client: socket.socket) -> None:
        client.recv(1)
        asked.set()
        ended.wait(30)

    with stranger(keep_waiting) as port:
        target = f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"
        arguments = [
            "runbook",
            "run",
            "a-trouble",
            "--kb",
            kb,
            "--log",
            str(log),
            "--target",
            target,
            *SOMEBODY,
        ]
        process = subprocess.Popen([*CLI, *arguments], stdout=subprocess.DEVNULL, cwd=ROOT)
        assert asked.wait(20)
        process.kill()
        process.wait(20)
        ended.set()
    with log.open("ab") as file:
        file.write(b'{"event": "step_do')  # what a kill in the middle of a write leaves

    assert [visit["step"] for visit in events_whole(log)] == ["ready"]
    done = run("runbook", "run", "a-trouble", "--kb", kb, "--resume", str(log), "--target", target)
    assert done.returncode == 1, done.stderr
    assert [event["event"] for event in events(log)][-3:] == ["runbook_resumed", "step_done", "runbook_ended"]


def events_whole(log: Path) -> list[dict[str, Any]]:
    """The steps in the lines that were written to their end."""
    whole = log.read_text().splitlines()[:-1]
    return [event for event in map(json.loads, whole) if event["event"] == "step_done"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("name", FORMATS)
def test_a_signal_has_its_code_and_the_log_so_far(
    number: int, code: int, name: str, kb: str, tmp_path: Path
) -> None:
    log = tmp_path / "i.ndjson"
    asked, ended = threading.Event(), threading.Event()

    def keep_waiting(client: socket.socket) -> None:
        client.recv(1)
        asked.set()
        ended.wait(30)

    with stranger(keep_waiting) as port:
        target = f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"
        arguments = [
            "runbook",
            "run",
            "a-trouble",
            "--kb",
            kb,
            "--log",
            str(log),
            "--target",
            target,
            *SOMEBODY,
        ]
        process = subprocess.Popen(
            [*INTERRUPTIBLE, *arguments, "--format", name],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True,
        )  # fmt: skip
        assert asked.wait(20)
        process.send_signal(number)
        out, complaint = process.communicate(timeout=20)
        ended.set()

    assert process.returncode == code
    assert "ready" in out
    assert complaint == f"clearpay-doctor: not ended; go on with --resume {log}\n"
    stop = events(log)[-1]
    assert (stop["event"], stop["step"]) == ("runbook_stopped", "door")
    assert stop["report"]["results"][0]["probe"] == "connect"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("runbook", "run", "a-truble"), ("did you mean a-trouble?",)),
        (("runbook", "show", "a-truble"), ("did you mean a-trouble?",)),
        (("runbook", "run", "a-trouble", "--answer", "ready"), ("write STEP=ANSWER",)),
        (("runbook", "run", "a-trouble", "--answer", "redy=somebody"), ("did you mean ready?",)),
        (("runbook", "run", "a-trouble", "--answer", "ready=me"), ("somebody, nobody",)),
        (("runbook", "run", "a-trouble", "--resume", "/nonexistent"), ("No such file",)),
        (("runbook", "run", "a-trouble", "--resume", "{junk}"), ("is no log of a runbook",)),
        (("runbook", "run", "a-trouble", "--log", "{junk}", "--target", NOWHERE), ("exists", "--resume")),
        (("runbook", "run", "a-trouble", "--log", "/proc/x/y", "--target", NOWHERE), ("--log",)),
        (("runbook", "run", "a-trouble", "--resume", "{junk}", "--log", "x"), ("beside --resume",)),
    ],
    ids=lambda value: " ".join(value[2:]),
)
def test_a_wrong_word_is_one_clear_line(
    arguments: tuple[str, ...], words: tuple[str, ...], kb: str, tmp_path: Path
) -> None:
    junk = tmp_path / "junk"
    junk.write_text('{"event": "runbook_started"}\n[1]\n')

    complained(run(*(word.format(junk=junk) for word in arguments), "--kb", kb), 2, *words)


def test_a_log_that_has_ended_is_not_gone_on_with(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    walk(kb, log, "--answer", "ready=nobody")

    done = run("runbook", "run", "a-trouble", "--kb", kb, "--resume", str(log), "--target", NOWHERE)

    complained(done, 2, "has ended, at call")


def test_a_log_of_other_targets_or_of_another_record_is_refused(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    walk(kb, log)
    resume = ("runbook", "run", "a-trouble", "--kb", kb, "--resume", str(log))

    complained(run(*resume, "--target", "postgresql://app@127.0.0.1:9/other"), 2, "was about", "--target")
    with log.open("a") as file:
        step = events(log)[0] | {"event": "step_done", "step": "say", "ended": "", "answered_by": ""}
        keys = ("event", "step", "started", "ended", "who")
        file.write(json.dumps({key: step[key] for key in keys}) + "\n")
    complained(run(*resume, "--target", NOWHERE), 2, "does not fit the runbook")


def test_an_invalid_runbook_is_4_with_every_problem(kb: str) -> None:
    path = Path(kb) / "runbooks" / "a-trouble.yaml"
    path.write_text(RECORD.replace("go: well", "go: wel"), "utf-8")

    done = run("runbook", "list", "--kb", kb)

    assert done.returncode == 4
    assert f"{path}:18: say: go: no step 'wel'; did you mean well?" in done.stderr
    assert run("entry", "lint", "--kb", kb).returncode == 4


@pytest.mark.parametrize("command", [("list", "runbooks"), ("runbook", "list")], ids=" ".join)
def test_runbooks_are_listed_with_those_of_the_team(command: tuple[str, ...], kb: str) -> None:
    done = run(*command, "--format", "json", "--kb", kb)

    document = json.loads(done.stdout)
    assert document["schema_version"] == "1"
    assert {"a-trouble", "database-unreachable"} <= {row["id"] for row in document["runbooks"]}


@pytest.mark.parametrize("name", ["human", "markdown", "json"])
def test_a_runbook_is_shown(name: str, kb: str) -> None:
    done = run("runbook", "show", "a-trouble", "--kb", kb, "--format", name)

    assert done.returncode == 0
    for step in ("ready", "door", "say", "well", "fix", "call"):
        assert step in done.stdout


def test_a_plan_names_what_every_step_would_send_and_sends_nothing(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"

    done = walk(kb, log, "--plan", "--format", "json")

    assert [one["probe"] for one in json.loads(done.stdout)["plan"]] == ["connect"]
    assert done.returncode == 0
    assert not log.exists()


def test_the_log_is_private_and_stands_in_a_folder_of_the_user(kb: str, tmp_path: Path) -> None:
    run(
        "runbook",
        "run",
        "a-trouble",
        "--kb",
        kb,
        "--target",
        NOWHERE,
        *SOMEBODY,
        XDG_DATA_HOME=str(tmp_path),
    )

    (log,) = (tmp_path / "clearpay-doctor" / "incidents").glob("a-trouble-*.ndjson")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert log.with_suffix(".md").exists()
    assert log.with_suffix(".json").exists()


def test_a_log_reads_back_as_the_incident_that_was_written(kb: str, tmp_path: Path) -> None:
    walk(kb, tmp_path / "i.ndjson", *SOMEBODY)

    incident, length = read(tmp_path / "i.ndjson")

    assert [visit.report.get("exit_code") for visit in incident.visits] == [None, 1]
    assert document(incident) == json.loads((tmp_path / "i.json").read_text())
    assert length == (tmp_path / "i.ndjson").stat().st_size


def test_two_runs_do_not_write_to_one_log(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    walk(kb, log)

    with IncidentLog.resume(log):
        done = run("runbook", "run", "a-trouble", "--kb", kb, "--resume", str(log), "--target", NOWHERE)

    complained(done, 2, "another run is writing")


def test_a_full_disk_is_one_clear_line(kb: str) -> None:
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700)); "
    program = limited + "from diagnostics.cli import main; sys.exit(main(sys.argv[1:]))"
    log = Path(kb) / "i.ndjson"
    arguments = ["runbook", "run", "a-trouble", "--kb", kb, "--log", str(log), "--target", NOWHERE, *SOMEBODY]

    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )

    complained(done, 2, "File too large")


def test_quiet_says_nothing_and_keeps_the_log(kb: str, tmp_path: Path) -> None:
    done = walk(kb, tmp_path / "i.ndjson", *SOMEBODY, "--quiet")

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert (tmp_path / "i.md").exists()


def test_no_format_tells_the_secret_of_the_address(kb: str, tmp_path: Path) -> None:
    target = "postgresql://app:hunter2-canary@127.0.0.1:9/db"

    done = walk(kb, tmp_path / "i.ndjson", *SOMEBODY, target=target)

    written = "".join(path.read_text() for path in tmp_path.glob("i.*"))
    assert "hunter2" not in done.stdout + done.stderr + written


def test_a_question_is_answered_on_a_terminal(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"
    ours, theirs = pty.openpty()
    arguments = ["runbook", "run", "a-trouble", "--kb", kb, "--log", str(log), "--target", NOWHERE]
    process = subprocess.Popen(
        [sys.executable, "-m", "diagnostics.cli", *arguments],
        stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, cwd=ROOT, text=True,
    )  # fmt: skip
    os.close(theirs)
    seen = read_until(ours, b"[2] nobody: ")
    os.write(ours, b"perhaps\n")
    seen += read_until(ours, b"[2] nobody: ")
    os.write(ours, b"2\n")
    seen += read_until(ours, b"incident log: ")
    out, _ = process.communicate(timeout=20)
    os.close(ours)

    assert b"Does somebody sit at the database?" in seen
    assert process.returncode == 1
    assert "Call the people on duty" in out
    answered = events(log)[1]
    assert (answered["answer"], answered["answered_by"]) == ("nobody", "terminal")


def read_until(terminal: int, words: bytes) -> bytes:
    """What a terminal shows until these words came."""
    seen = b""
    while words not in seen:
        seen += os.read(terminal, 1024)
    return seen


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("1", "yes"), ("2", "no"), ("y", "yes"), ("NO", "no"), ("3", ""), ("", ""), ("x", "")],
)
def test_a_choice_is_typed_as_number_or_word(typed: str, chosen: str) -> None:
    assert choice_of(typed, ("yes", "no")) == chosen


def test_what_two_choices_begin_with_is_no_choice() -> None:
    assert choice_of("re", ("restart", "repair")) == ""
