"""`lab up` in a separate process, controlled through its socket."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from diagnostics.lab.errors import LabError
from diagnostics.lab.service import client
from diagnostics.lab.service.client import LabNotRunning, send
from diagnostics.targets.runtime_folder import lab_socket, lab_target_file
from diagnostics.targets.target_file import Config, target_named

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[4]
TIMEOUT_S = 60.0
UP = "from diagnostics.lab.service.daemon import up; up(lambda lab: print(lab.layout.folder, flush=True))"


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a runtime folder with a short name: the path of a unix socket is limited."""
    with tempfile.TemporaryDirectory(prefix="clearpay-run-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


@contextmanager
def lab_up() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", UP],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.terminate()


def test_without_a_lab_a_command_says_how_to_start_one() -> None:
    with pytest.raises(LabNotRunning, match="clearpay-doctor lab up"):
        send("status")


def test_a_lab_is_broken_repaired_and_ended_over_its_socket() -> None:
    with lab_up() as (process, folder):
        assert lab_socket().stat().st_mode & 0o777 == 0o600
        assert send("status")["broken"] == ""

        answer = send("break", finding="connect.tls_refused")
        assert (answer["broken"], answer["database"]) == ("connect.tls_refused", "ready")
        target = target_named("lab", Config())
        assert target.settings.database == answer["url"]
        assert target.settings.database.endswith("sslmode=require")

        assert send("repair")["broken"] == ""
        with pytest.raises(LabError, match="the lab has no such fault"):
            send("break", finding="connect.nothing")

        assert send("down") == {"ok": True}
        assert not folder.exists()
        assert process.wait(TIMEOUT_S) == 0
        assert process.communicate()[1] == ""
    assert not lab_socket().exists()
    assert not lab_target_file().is_symlink()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    with lab_up() as (process, folder):
        send("break", finding="login.role_limit")

        process.send_signal(number)

        assert process.wait(TIMEOUT_S) == 0
        assert process.communicate()[1] == ""
        assert not folder.exists()
        assert not lab_socket().exists()


def test_there_is_one_lab_for_each_user() -> None:
    with lab_up():
        second = subprocess.run(
            [sys.executable, "-c", UP],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

        assert "the lab is running already" in second.stderr
        assert send("status")["ok"]


def test_after_a_kill_the_target_is_gone_and_a_new_lab_starts() -> None:
    with lab_up() as (process, folder):
        process.kill()
        process.wait(TIMEOUT_S)
        with pytest.raises(LabNotRunning):
            send("status")
        wait_for_removal(folder)
        assert not lab_target_file().is_file()

    with lab_up():
        assert send("status")["broken"] == ""
        assert send("down")["ok"]


def test_a_malformed_command_is_refused_and_the_lab_goes_on() -> None:
    lines = [b"nonsense\n", b"[]\n", b'{"command": "dance"}\n', b'{"command": "break"}\n', b"\xff\n", b""]
    with lab_up():
        answers = [send_line(line) for line in lines]

        assert [answer["ok"] for answer in answers] == [False] * len(lines)
        assert send("status")["ok"]


def send_line(line: bytes) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(client.TIMEOUT_S)
        connection.connect(str(lab_socket()))
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile() as answers:
            answer: dict[str, Any] = json.loads(answers.readline())
    return answer


def wait_for_removal(folder: Path) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while folder.exists():
        assert time.monotonic() < deadline, f"{folder} is still there"
        time.sleep(0.02)
