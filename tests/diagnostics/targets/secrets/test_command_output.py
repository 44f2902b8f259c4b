"""Secrets printed by a command: no shell, bounded in time and size, masked, once for each run."""

import os
import threading
import time
from pathlib import Path

import pytest

from diagnostics.engine.scheduler import Run, Task
from diagnostics.errors import CannotTell
from diagnostics.probes import PROBES
from diagnostics.redaction import Redactor
from diagnostics.targets.secrets.command_output import output_of
from diagnostics.targets.secrets.resolver import CommandOutputs
from diagnostics.targets.settings import SecretRef, Secrets, TargetSettings
from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.clients.postgres.foreign_servers import (
    auth_request,
    error,
    fake_server,
    password,
    startup,
)
from tests.support.deadlines import ends_within

KEY = "secrets.database"


def printed(folder: Path, *command: str, seconds: float = 10, first_line: bool = False) -> str:
    return output_of(SecretRef(command=command, first_line=first_line), KEY, folder, seconds)


def problem(folder: Path, *command: str, seconds: float = 10) -> str:
    with pytest.raises(CannotTell) as raised:
        printed(folder, *command, seconds=seconds)
    return str(raised.value)


@pytest.mark.parametrize(
    ("output", "secret"),
    [
        ("hunter2", "hunter2"),
        ("hunter2\\n", "hunter2"),
        ("hunter2\\r\\n", "hunter2"),
        (" hunter2 \\n", " hunter2 "),
        ("ключ\\n", "ключ"),
    ],
)
def test_the_output_is_the_secret_without_its_line_end(output: str, secret: str, tmp_path: Path) -> None:
    assert printed(tmp_path, "printf", output) == secret


def test_of_several_lines_the_first_is_taken_only_if_the_reference_says_so(tmp_path: Path) -> None:
    assert printed(tmp_path, "printf", "hunter2\\nuser: app\\n", first_line=True) == "hunter2"
    message = problem(tmp_path, "printf", "hunter2\\nuser: app\\n")
    assert "printed 2 lines; add first_line = true if the first is the secret" in message
    assert "hunter2" not in message


def test_no_shell_takes_part(tmp_path: Path) -> None:
    assert printed(tmp_path, "printf", "%s", "$(id) `id` ${HOME} ; id") == "$(id) `id` ${HOME} ; id"


def test_the_command_runs_in_the_folder_of_the_file_without_input_and_terminal(tmp_path: Path) -> None:
    script = tmp_path / "secret"
    script.write_text("#!/bin/sh\nread line && exit 9\n(: < /dev/tty) 2>/dev/null && exit 8\npwd\n")
    script.chmod(0o700)

    assert printed(tmp_path, "./secret") == str(tmp_path.resolve())


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("/nonexistent/vault", "hunter2"), "command vault cannot be started: No such file or directory"),
        (("sh", "-c", "exit 3"), "command sh ended with 3"),
        (("sh", "-c", "kill -9 $$"), "command sh ended with -9"),
        (("true",), "command true printed nothing"),
        (("printf", "\\n"), "command printf printed nothing"),
        (("sh", "-c", "head -c 100000 /dev/zero"), "printed more than 65536 bytes"),
        (("printf\0",), "command printf"),
    ],
)
def test_a_command_that_fails_is_named_without_its_arguments(
    command: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    found = problem(tmp_path, *command)

    assert found.startswith(f"{KEY} cannot be read: command ")
    assert message in found
    assert "hunter2" not in found


def test_standard_error_is_one_masked_line_without_what_was_printed(tmp_path: Path) -> None:
    last = "printf 'token=abcdef0123456789 of hunter2 is wrong\\033[31m\\n' >&2"
    script = f"echo hunter2; echo first >&2; {last}; exit 2"

    found = problem(tmp_path, "sh", "-c", script)

    assert "ended with 2: " in found
    assert "is wrong" in found
    for text in ("hunter2", "abcdef0123456789", "first", "\x1b"):
        assert text not in found


def test_a_flood_of_errors_is_bounded(tmp_path: Path) -> None:
    with ends_within(5):
        found = problem(tmp_path, "sh", "-c", "yes error | head -c 3000000 >&2; exit 1")

    assert len(found) < 400


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    script = f"sleep 300 & echo $! > {tmp_path}/pid; wait"

    with ends_within(2):
        found = problem(tmp_path, "sh", "-c", script, seconds=0.5)

    assert "has not ended within 0.5 s" in found
    _gone(int((tmp_path / "pid").read_text()))


def test_a_child_that_keeps_the_streams_open_is_not_waited_for(tmp_path: Path) -> None:
    with ends_within(3):
        assert printed(tmp_path, "sh", "-c", "sleep 300 & echo hunter2; echo $! > pid") == "hunter2"

    _gone(int((tmp_path / "pid").read_text()))


def test_a_command_that_closes_its_streams_and_goes_on_is_ended(tmp_path: Path) -> None:
    with ends_within(2):
        found = problem(tmp_path, "sh", "-c", "exec >&- 2>&-; sleep 300", seconds=0.5)

    assert "has not ended within 0.5 s" in found


def test_one_run_asks_once_however_many_probes_do(tmp_path: Path) -> None:
    ref = SecretRef(command=("sh", "-c", "echo x >> count; sleep 0.2; echo hunter2"))
    outputs, values = CommandOutputs(), list[str]()
    threads = [
        threading.Thread(target=lambda: values.append(outputs.read(ref, KEY, tmp_path, 10))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert values == ["hunter2"] * 8
    assert (tmp_path / "count").read_text() == "x\n"


def test_a_failure_is_kept_too_unless_the_probe_had_little_time(tmp_path: Path) -> None:
    ref, outputs = SecretRef(command=("sh", "-c", "echo x >> count; exit 1")), CommandOutputs()
    for left in (1.0, 10.0, 10.0, 1.0):
        with pytest.raises(CannotTell, match="ended with 1"):
            outputs.read(ref, KEY, tmp_path, left)

    assert (tmp_path / "count").read_text() == "x\nx\n"


def test_probes_log_in_with_it_and_no_report_has_it(tmp_path: Path) -> None:
    def behave(client: object) -> None:
        startup(client)  # type: ignore[arg-type]  # the socket that the server hands over
        client.sendall(auth_request(3))  # type: ignore[attr-defined]  # as above
        sent.append(password(client))  # type: ignore[arg-type]  # as above
        client.sendall(error("28P01", 'rejected "hunter2-canary"'))  # type: ignore[attr-defined]  # as above

    sent: list[bytes] = []
    secret = SecretRef(command=("printf", "hunter2-canary\\n"))
    with fake_server(behave) as port:
        url = f"postgresql://app@127.0.0.1:{port}/tx?sslmode=disable"
        target = Target(
            "t", (endpoint(url),), TargetSettings(database=url, secrets=Secrets(database=secret)), tmp_path
        )
        tasks = [Task(target, target.endpoints[0], name) for name in ("connect", "login")]
        events = repr(list(Run(tasks, PROBES, redactor=Redactor(), deadline_s=20)))

    assert sent == [b"hunter2-canary"]
    assert "hunter2" not in events
    assert "command printf" in events


def _gone(pid: int) -> None:
    """Require that a process ends; the one that adopted it may still have to collect it."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        time.sleep(0.02)
    os.kill(pid, 9)
    pytest.fail(f"process {pid} still runs")
