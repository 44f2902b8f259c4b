"""`runbook`: exit codes, messages, and questions on a terminal."""

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diagnostics.cli.runbook_questions import choice_of
from tests.diagnostics.cli.test_main import INTERRUPTIBLE, NOWHERE, ROOT, complained, run
from tests.diagnostics.runbooks.team_runbook import (
    RECORD,
    RUN,
    SOMEBODY,
    begin,
    events,
    inside,
    resume,
    team,
    up,
)

FORMATS = ("human", "json", "markdown")
pytestmark = pytest.mark.usefixtures("own_place")


@pytest.fixture
def kb(tmp_path: Path) -> str:
    return team(tmp_path)


@pytest.mark.parametrize("name", FORMATS)
def test_a_green_end_is_0_in_every_format(name: str, kb: str, tmp_path: Path) -> None:
    with up() as target:
        done = begin(kb, tmp_path / "i.ndjson", *SOMEBODY, "--format", name, target=target)

    assert (done.returncode, done.stderr) == (0, "")
    assert "All is well" in done.stdout


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("answer", "text"), [("somebody", "db-connection-refused"), ("nobody", "on duty")])
def test_a_fix_and_an_escalation_are_1_in_every_format(
    answer: str, text: str, name: str, kb: str, tmp_path: Path
) -> None:
    done = begin(kb, tmp_path / "i.ndjson", "--answer", f"ready={answer}", "--format", name)

    assert (done.returncode, done.stderr) == (1, "")
    assert text in done.stdout


def test_a_process_ends_with_the_code_and_tells_where_its_log_is(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"

    done = run(*RUN, "--kb", kb, "--target", NOWHERE, "--log", str(log), *SOMEBODY)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith(f"\nincident log: {log}, and .md and .json beside it\n")


def test_where_nothing_answered_the_end_is_3(kb: str, tmp_path: Path) -> None:
    done = begin(kb, tmp_path / "i.ndjson", *SOMEBODY, "--deadline", "0.001ms", target=NOWHERE)

    assert done.returncode == 3, done.stdout
    assert "not started within the run's" in done.stdout


def test_a_target_of_which_nothing_applies_is_3_and_never_green(kb: str, tmp_path: Path) -> None:
    done = begin(kb, tmp_path / "i.ndjson", *SOMEBODY, "--format", "json", target=str(tmp_path))

    assert done.returncode == 3
    assert [visit["outcome"] for visit in json.loads(done.stdout)["visits"]] == ["", "skipped"]


def test_a_missing_answer_names_step_question_choices_and_how_to_go_on(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"

    done = begin(kb, log, "--format", "json", "--active")

    complained(
        done, 2, "step ready asks: Does somebody sit at the database?", "--answer ready=somebody",
        "--answer ready=nobody", f"continue with: clearpay-doctor runbook run a-trouble --resume {log} "
        f"--active --target {NOWHERE} --kb {kb}",
    )  # fmt: skip
    assert [event["event"] for event in events(log)] == ["runbook_started", "runbook_stopped"]
    assert json.loads((tmp_path / "i.json").read_text())["exit_code"] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("runbook", "run", "a-truble"), ("did you mean a-trouble?",)),
        (("runbook", "run", "zzz"), ("runbook list", "--kb DIR")),
        (("runbook", "show", "a-truble"), ("did you mean a-trouble?",)),
        ((*RUN, "--answer", "ready"), ("write STEP=ANSWER",)),
        ((*RUN, "--answer", "redy=somebody"), ("did you mean ready?",)),
        ((*RUN, "--answer", "connection=yes"), ("no question 'connection'", "questions: ready")),
        ((*RUN, "--answer", "ready=me"), ("somebody, nobody",)),
        ((*RUN, "--target", "prdo"), ("neither a name from clearpay-doctor.toml",)),
        (RUN, ("no target", "--target")),
        ((*RUN, "--deadline", "soon"), ("--deadline",)),
        ((*RUN, "--frmat", "json"), ("did you mean --format?",)),
    ],
    ids=lambda value: " ".join(value[1:]),
)
def test_a_wrong_word_is_one_clear_line(arguments: tuple[str, ...], words: tuple[str, ...], kb: str) -> None:
    complained(inside(*arguments, "--kb", kb), 2, *words)


def test_an_invalid_runbook_is_4_with_every_problem(kb: str) -> None:
    path = Path(kb) / "runbooks" / "a-trouble.yaml"
    path.write_text(RECORD.replace("go: well", "go: wel"), "utf-8")

    done = inside("runbook", "list", "--kb", kb)

    assert done.returncode == 4
    assert f"{path}:18: say: go: no step 'wel'; did you mean well?" in done.stderr
    assert inside("entry", "lint", "--kb", kb).returncode == 4


@pytest.mark.parametrize("command", [("list", "runbooks"), ("runbook", "list")], ids=" ".join)
def test_runbooks_are_listed_with_those_of_the_team(command: tuple[str, ...], kb: str) -> None:
    done = inside(*command, "--format", "json", "--kb", kb)

    document = json.loads(done.stdout)
    assert document["schema_version"] == "1"
    assert {"a-trouble", "database-unreachable"} <= {row["id"] for row in document["runbooks"]}


@pytest.mark.parametrize("name", ["human", "markdown", "json"])
def test_a_runbook_is_shown(name: str, kb: str) -> None:
    done = inside("runbook", "show", "a-trouble", "--kb", kb, "--format", name)

    assert done.returncode == 0
    for step in ("ready", "connection", "say", "well", "fix", "call"):
        assert step in done.stdout


def test_a_plan_names_what_every_step_would_send_and_sends_nothing(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"

    done = begin(kb, log, "--plan", "--format", "json")

    assert [one["probe"] for one in json.loads(done.stdout)["plan"]] == ["connect"]
    assert done.returncode == 0
    assert not log.exists()


def test_quiet_prints_nothing_and_keeps_the_log(kb: str, tmp_path: Path) -> None:
    done = begin(kb, tmp_path / "i.ndjson", *SOMEBODY, "--quiet")

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert (tmp_path / "i.md").exists()


def test_no_format_contains_the_password_of_the_url(kb: str, tmp_path: Path) -> None:
    target = "postgresql://app:hunter2-canary@127.0.0.1:9/db"

    done = begin(kb, tmp_path / "i.ndjson", *SOMEBODY, target=target)

    written = "".join(path.read_text() for path in tmp_path.glob("i.*"))
    assert "hunter2" not in done.stdout + done.stderr + written


class Person:
    """A pseudo-terminal of at most 80 columns, on which a test reads stderr and types."""

    def __init__(self, terminal: int, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.seen = b""
        self._terminal = terminal
        self._read = 0

    def waits_for(self, words: bytes) -> None:
        """Read until these words appear in new output."""
        while (at := self.seen.find(words, self._read)) < 0:
            self.seen += os.read(self._terminal, 1024)
        self._read = at + len(words)

    def types(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self._terminal, keys)


@contextmanager
def person(*arguments: str, **environment: str) -> Iterator[Person]:
    """Provide a terminal on which a runbook runs."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*INTERRUPTIBLE, *arguments], stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, cwd=ROOT,
        text=True, env={**os.environ, **environment}, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        try:
            yield Person(ours, process)
        finally:
            process.kill()
            os.close(ours)


def test_a_question_is_answered_on_a_terminal(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"

    with person(*RUN, "--kb", kb, "--log", str(log), "--target", NOWHERE) as somebody:
        somebody.waits_for(b"[2] nobody: ")
        somebody.types(b"perhaps\n")
        somebody.waits_for(b"Type the number or the word of a choice.")
        somebody.waits_for(b"[2] nobody: ")
        somebody.types(b"2\n")
        out, _ = somebody.process.communicate(timeout=60)

    assert b"Does somebody sit at the database?" in somebody.seen
    assert somebody.process.returncode == 1
    assert "Call the people on duty" in out
    answered = events(log)[1]
    assert (answered["answer"], answered["answered_by"]) == ("nobody", "terminal")


def test_the_end_of_the_input_prints_the_command_to_continue(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"

    with person(*RUN, "--kb", kb, "--log", str(log), "--target", NOWHERE) as somebody:
        somebody.waits_for(b"[2] nobody: ")
        somebody.types(b"\x04")
        somebody.waits_for(b"\nclearpay-doctor: a-trouble: step ready asks")
        somebody.process.communicate(timeout=60)

    assert somebody.process.returncode == 2
    assert resume(kb, log, "--answer", "ready=nobody").returncode == 1


def test_a_terminal_that_replaces_nothing_gets_whole_lines_alone(kb: str, tmp_path: Path) -> None:
    log = tmp_path / "i.ndjson"

    with person(*RUN, "--kb", kb, "--log", str(log), "--target", NOWHERE, TERM="dumb") as somebody:
        somebody.waits_for(b"[2] nobody: ")
        somebody.types(b"1\n")
        somebody.waits_for(b"connect.refused")
        somebody.process.communicate(timeout=60)

    assert b"\x1b" not in somebody.seen
    assert b"connect: tcp" not in somebody.seen


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("1", "yes"), ("2", "no"), ("y", "yes"), ("NO", "no"), ("3", ""), ("", ""), ("x", "")],
)
def test_a_choice_is_typed_as_number_or_word(typed: str, chosen: str) -> None:
    assert choice_of(typed, ("yes", "no")) == chosen


def test_an_ambiguous_prefix_selects_no_choice() -> None:
    assert choice_of("re", ("restart", "repair")) == ""
