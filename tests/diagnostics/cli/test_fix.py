"""`fix`: nothing runs without consent; what ran is verified, recorded, and told when it is interrupted."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from diagnostics.history.listing import list_runs, load_run, summary_line
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.report.formats.schema import report_schema
from tests.diagnostics.cli.test_main import INTERRUPTIBLE, ROOT, run
from tests.tui.terminal import Terminal

ENTRY = "db-connection-refused"
START = "connect.refused:start-postgresql"
TOKEN = "Bearer sk_live_" + "4fk29dkq02kd92ks"


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def target_file(folder: Path, command: str, *, production: bool = False, port: int = 0) -> str:
    """Write a target whose database refuses connections, with a command that starts it; return its path."""
    path = folder / "clearpay-doctor.toml"
    path.write_text(
        f"[target.shop]\nproduction = {str(production).lower()}\n"
        f'database = "postgresql://app@127.0.0.1:{port or free_port()}/db"\n'
        f"[target.shop.commands]\nstart_database = {json.dumps(command)}\n"
    )
    return str(path)


def fix(config: str, *words: str, wait: str = "1ms") -> "subprocess.CompletedProcess[str]":
    """Run `fix` without a terminal."""
    return run("fix", ENTRY, "--config", config, "--target", "shop", "--wait", wait, *words)


def history() -> str:
    """Return the text of all recorded runs."""
    folder = Path(os.environ["XDG_DATA_HOME"]) / "clearpay-doctor" / "runs"
    return "".join(path.read_text("utf-8") for path in folder.glob("*.ndjson"))


def document(done: "subprocess.CompletedProcess[str]") -> Mapping[str, object]:
    """Return the part of the JSON document that is about the fix."""
    fixed = json.loads(done.stdout)["fix"]
    assert isinstance(fixed, dict)
    return fixed


@pytest.fixture(autouse=True)
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a history of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_without_apply_the_steps_are_shown_and_none_runs(tmp_path: Path) -> None:
    config = target_file(tmp_path, f"touch {tmp_path}/ran")

    done = fix(config)

    text = " ".join(done.stdout.split())
    assert done.returncode == 3
    assert f"touch {tmp_path}/ran" in done.stdout
    assert START in done.stdout
    assert "on this machine" in text
    assert "as user " in text
    assert "by [target.shop.commands] start_database" in text
    assert "None is needed; the server is meant to run." in text
    assert "add --apply" in text
    assert not (tmp_path / "ran").exists()
    assert history() == ""


def test_without_a_terminal_nothing_runs_unless_an_option_names_it(tmp_path: Path) -> None:
    config = target_file(tmp_path, f"touch {tmp_path}/ran")

    done = fix(config, "--apply")

    assert done.returncode == 3
    assert f"without a terminal, consent by --yes-to {START}" in " ".join(done.stdout.split())
    assert not (tmp_path / "ran").exists()
    assert '"state": "declined"' in history()


@pytest.mark.lab
def test_a_stopped_server_is_started_and_verified(healthy: Lab) -> None:
    inject(healthy, "connect.refused")
    words = ("--config", str(healthy.target_file), "--target", "lab", "--format", "json")

    done = run("fix", ENTRY, *words, "--apply", "--yes-to", START, "--wait", "20s")

    fixed = document(done)
    assert done.returncode == 0, done.stderr
    assert (fixed["state"], fixed["finding"]) == ("verified", "connect.refused")
    assert fixed["sentence"]
    assert fixed["evidence"]
    jsonschema.validate(json.loads(done.stdout), report_schema())


@pytest.mark.lab
def test_what_cannot_be_undone_says_so_before_and_wants_the_whole_word(healthy: Lab) -> None:
    inject(healthy, "statements.lock_queue")
    words = (
        "fix",
        "statements.lock_queue",
        "--config",
        str(healthy.target_file),
        "--target",
        "lab",
        "--apply",
    )

    with Terminal(*words, environment={"XDG_DATA_HOME": os.environ["XDG_DATA_HOME"]}) as terminal:
        terminal.wait_for("Which pids of those above?")
        (pid,) = {line.split()[1] for line in terminal.text.splitlines() if re.match(r"\s+\| \d+ ", line)}
        terminal.send(pid.encode() + b"\n")
        terminal.wait_for("Type yes to run it")
        asked = terminal.text
        terminal.send(b"y\n")
        terminal.wait_for("declined")
        terminal.send(b"\n")
        declined = terminal.ended()
    with Terminal(*words, environment={"XDG_DATA_HOME": os.environ["XDG_DATA_HOME"]}) as terminal:
        terminal.wait_for("Which pids of those above?")
        terminal.send(pid.encode() + b"\n")
        terminal.wait_for("Type yes to run it")
        terminal.send(b"yes\n")
        applied = terminal.ended()

    assert "This cannot be undone." in asked
    assert "role postgres" in asked
    assert (declined, applied) == (3, 0)


@pytest.mark.lab
def test_an_undo_puts_back_exactly_what_was_there(healthy: Lab) -> None:
    inject(healthy, "login.role_limit")
    limit = healthy.sql("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'app_user'")
    healthy.sql("ALTER DATABASE transactions CONNECTION LIMIT 0")  # the entry stays red for another cause
    words = ("--config", str(healthy.target_file), "--target", "lab", "--wait", "1ms", "--apply", "--undo")

    done = run("fix", "db-server-full", *words, "--yes-to", "login.role_limit:lift-role-limit-now")

    assert done.returncode == 5
    assert f"ALTER ROLE app_user CONNECTION LIMIT {limit[0][0]}" in done.stderr
    assert "undo: done" in done.stdout
    assert healthy.sql("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'app_user'") == limit


def test_a_fix_that_did_not_help_is_5_and_the_history_has_what_ran(tmp_path: Path) -> None:
    config = target_file(tmp_path, "echo started; echo done")

    done = fix(config, "--apply", "--yes-to", START)

    assert done.returncode == 5
    assert "| started" in done.stderr
    (listed,) = list_runs().runs
    recorded = load_run(listed.id)
    assert recorded.report.fix is not None
    assert recorded.report.fix.state == "still_failing"
    assert [step.state for step in recorded.report.fix.steps if step.id == START] == ["done"]
    assert listed.exit_code == 5
    assert "fix of db-connection-refused still failing" in summary_line(listed)
    assert [json.loads(line)["event"] for line in recorded.lines if "fix_step" in line] == [
        "fix_step_started",
        "fix_step_ended",
    ]
    assert "echo started" in recorded.lines[-1]


def test_a_command_that_fails_is_told_with_its_last_line(tmp_path: Path) -> None:
    config = target_file(tmp_path, "echo no such unit >&2; exit 4")

    done = fix(config, "--apply", "--yes-to", START)

    assert done.returncode == 5
    assert "failed" in done.stdout
    assert "it ended with exit code 4: no such unit" in " ".join(done.stdout.split())


def test_secrets_of_a_command_are_used_and_neither_shown_nor_kept(tmp_path: Path) -> None:
    config = target_file(
        tmp_path, f"printf %s 'Authorization: {TOKEN}' >{tmp_path}/sent; cat {tmp_path}/sent"
    )

    done = fix(config, "--apply", "--yes-to", START, "--output", f"{tmp_path}/report:markdown")

    shown = done.stdout + done.stderr + history() + (tmp_path / "report").read_text()
    assert (tmp_path / "sent").read_text() == f"Authorization: {TOKEN}"
    assert "sk_live_4fk29" not in shown
    assert "printf %s" in done.stdout


def test_on_production_an_id_alone_is_no_consent(tmp_path: Path) -> None:
    config = target_file(tmp_path, f"touch {tmp_path}/ran", production=True)

    held = fix(config, "--apply", "--yes-to", START)
    ran_before = (tmp_path / "ran").exists()
    forced = fix(config, "--apply", "--yes-to", START, "--force-production")

    assert (held.returncode, ran_before) == (3, False)
    assert "shop is production; add --force-production" in held.stderr
    assert (forced.returncode, (tmp_path / "ran").exists()) == (5, True)


def test_commands_of_a_file_that_is_not_trusted_do_not_run(tmp_path: Path) -> None:
    target_file(tmp_path, f"touch {tmp_path}/ran")

    done = run("fix", ENTRY, "--target", "shop", "--apply", "--yes-to", START, cwd=tmp_path)

    assert done.returncode == 3
    assert "clearpay-doctor allow" in " ".join(done.stdout.split())
    assert not (tmp_path / "ran").exists()


def test_what_is_not_confirmed_now_is_not_fixed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        config = target_file(tmp_path, f"touch {tmp_path}/ran", port=server.getsockname()[1])
        done = fix(config, "--apply", "--yes-to", START, "--deadline", "2s")

    assert done.returncode == 1
    assert "not confirmed" in done.stdout
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--yes-to", START), "--yes-to: has no effect without --apply"),
        (("--undo",), "--undo: has no effect without --apply"),
        (("--apply", "--yes-to", "connect.refused:start"), f"did you mean {START}?"),
        (("--apply", "--pid", "one"), "is not a process id"),
        (("--apply", "--target", "http://127.0.0.1:9"), "works on one target at a time"),
    ],
)
def test_a_wrong_option_is_2_before_anything_is_examined(
    words: tuple[str, ...], error: str, tmp_path: Path
) -> None:
    done = fix(target_file(tmp_path, "true"), *words)

    assert done.returncode == 2
    assert error in done.stderr


def test_a_finding_can_be_named_in_place_of_its_entry(tmp_path: Path) -> None:
    config = target_file(tmp_path, "true")

    named = run("fix", "connect.refused", "--config", config, "--target", "shop")
    other = run("fix", "connect.socket_missing", "--config", config, "--target", "shop")

    assert (named.returncode, other.returncode) == (3, 1)
    assert "no probe finds connect.socket_missing in this run" in other.stdout


class Interrupted:
    """A `fix` whose command sleeps, ended by a signal."""

    def __init__(self, folder: Path, number: signal.Signals) -> None:
        config = target_file(folder, f"echo $$ >{folder}/pid; echo begun; exec sleep 60")
        words = ("fix", ENTRY, "--config", config, "--target", "shop", "--apply", "--yes-to", START)
        process = subprocess.Popen(
            [*INTERRUPTIBLE, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
        )
        assert process.stderr
        while "begun" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(number)
        self.text, _ = process.communicate(timeout=30)
        self.code = process.returncode
        self.child = int((folder / "pid").read_text())


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_in_the_middle_it_says_what_was_done(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    ended = Interrupted(tmp_path, number)

    text = " ".join(ended.text.split())
    (listed,) = list_runs().runs
    recorded = load_run(listed.id).report.fix
    assert ended.code == code
    assert "interrupted" in text
    assert f"interrupted while it ran, its effect is not known: {START}" in text
    assert "not verified" in text
    assert recorded is not None
    assert recorded.state == "interrupted"
    assert {step.state for step in recorded.steps if step.id == START} == {"interrupted"}
    with pytest.raises(ProcessLookupError):
        os.kill(ended.child, 0)


def test_killed_in_the_middle_the_history_has_the_step_that_began(tmp_path: Path) -> None:
    ended = Interrupted(tmp_path, signal.SIGKILL)
    os.kill(ended.child, signal.SIGKILL)

    last = json.loads(history().splitlines()[-1])
    assert (last["event"], last["id"], last["state"]) == ("fix_step_started", START, "interrupted")


def on_terminal(config: str, *words: str) -> Terminal:
    """Run `fix --apply` on a terminal."""
    arguments = ("fix", ENTRY, "--config", config, "--target", "shop", "--apply", "--wait", "1ms", *words)
    return Terminal(*arguments, environment={"XDG_DATA_HOME": os.environ["XDG_DATA_HOME"]})


def leave(terminal: Terminal) -> None:
    """Verify after a step that ran, and end although the error is still there."""
    terminal.wait_for("Enter verifies: ")
    terminal.send(b"\n")
    terminal.wait_for("connect still finds connect.refused")
    terminal.wait_for("[v]erify again, [u]ndo, Enter ends: ")
    terminal.send(b"\n")


def test_a_person_is_asked_with_command_place_and_undo_in_view(tmp_path: Path) -> None:
    config = target_file(tmp_path, f"touch {tmp_path}/ran")

    with on_terminal(config) as terminal:
        terminal.wait_for("[y]es, [s]kip, [q]uit: ")
        before, asked = (tmp_path / "ran").exists(), " ".join(terminal.text.split())
        terminal.send(b"y\n")
        leave(terminal)
        code = terminal.ended()

    assert not before
    assert f"touch {tmp_path}/ran" in asked
    assert "as user " in asked
    assert "None is needed; the server is meant to run." in asked
    assert (tmp_path / "ran").exists()
    assert code == 5


@pytest.mark.parametrize("answer", [b"\n", b"s\n", b"no\n", b"q\n", b"\x04"])
def test_any_other_answer_runs_nothing(answer: bytes, tmp_path: Path) -> None:
    config = target_file(tmp_path, f"touch {tmp_path}/ran")

    with on_terminal(config) as terminal:
        terminal.wait_for("[q]uit: ")
        terminal.send(answer)
        if answer not in {b"q\n", b"\x04"}:
            terminal.wait_for("Carried out by hand?")
            terminal.send(b"\n")
        code = terminal.ended()

    assert code == 3
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(("typed", "runs"), [(b"y\n", False), (b"yes\n", False), (b"shop\n", True)])
def test_on_production_the_name_of_the_target_is_typed(typed: bytes, runs: bool, tmp_path: Path) -> None:
    config = target_file(tmp_path, f"touch {tmp_path}/ran", production=True)

    with on_terminal(config) as terminal:
        terminal.wait_for("shop is production. Type its name to run this")
        terminal.send(typed)
        if runs:
            leave(terminal)
        else:
            terminal.wait_for("Carried out by hand?")
            terminal.send(b"\n")
        terminal.ended()

    assert (tmp_path / "ran").exists() is runs


def test_a_command_on_a_terminal_can_ask_for_a_password(tmp_path: Path) -> None:
    config = target_file(
        tmp_path, f"printf 'password: ' >/dev/tty; read word </dev/tty; echo $word >{tmp_path}/word"
    )

    with on_terminal(config) as terminal:
        terminal.wait_for("[q]uit: ")
        terminal.send(b"y\n")
        terminal.wait_for("password: ")
        terminal.send(b"hunter2\n")
        leave(terminal)
        terminal.ended()

    assert (tmp_path / "word").read_text() == "hunter2\n"


def test_ctrl_c_during_a_command_ends_it_and_says_so(tmp_path: Path) -> None:
    config = target_file(tmp_path, f"echo $$ >{tmp_path}/pid; echo begun; exec sleep 60")

    with on_terminal(config) as terminal:
        terminal.wait_for("[q]uit: ")
        terminal.send(b"y\n")
        terminal.wait_for("| begun")
        began = time.monotonic()
        terminal.send(b"\x03")
        code = terminal.ended()
        took = time.monotonic() - began

    assert code == 130
    assert took < 20
    assert "its effect is not known" in " ".join(terminal.text.split())
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
