"""A team's runbook in its own folder, and commands that run it."""

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from diagnostics.cli.main import main
from tests.diagnostics.cli.test_main import INTERRUPTIBLE, NOWHERE, ROOT
from tests.diagnostics.clients.postgres.foreign_servers import answers, auth_request, fake_server

RECORD = """\
title: A trouble
when: Now.
since: 0.1.0
steps:
  - id: ready
    title: Is somebody there?
    ask: Does somebody sit at the database?
    then:
      - {answer: somebody, go: connection}
      - {answer: nobody, go: call}
  - id: connection
    title: The connection
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
RUN = ("runbook", "run", "a-trouble")


def team(folder: Path) -> str:
    """Write the runbook to a team's folder and return that folder."""
    runbooks = folder / "kb" / "runbooks"
    runbooks.mkdir(parents=True)
    (runbooks / "a-trouble.yaml").write_text(RECORD, "utf-8")
    return str(folder / "kb")


def inside(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in this process, which saves the start of another one."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def begin(kb: str, log: Path, *more: str, target: str = NOWHERE) -> "subprocess.CompletedProcess[str]":
    """Run the runbook from its first step."""
    return inside(*RUN, "--kb", kb, "--log", str(log), "--target", target, *more)


def resume(kb: str, log: Path, *more: str, target: str = NOWHERE) -> "subprocess.CompletedProcess[str]":
    """Resume the runbook from a log."""
    return inside(*RUN, "--kb", kb, "--resume", str(log), "--target", target, *more)


def events(log: Path) -> list[dict[str, Any]]:
    """Return the parsed lines of a log."""
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


@contextmanager
def up() -> Iterator[str]:
    """Start a server that asks for a password; yield its URL."""
    with fake_server(answers(auth_request(5, b"salt"))) as port:
        yield f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"


@dataclass(frozen=True)
class Hanging:
    """A run whose check waits for a server that does not answer."""

    process: "subprocess.Popen[str]"
    target: str


@contextmanager
def hanging(kb: str, log: Path, *more: str) -> Iterator[Hanging]:
    """Start a run that waits for such a server; it is killed at the end of the block."""
    asked, ended = threading.Event(), threading.Event()

    def keep_waiting(client: socket.socket) -> None:
        client.recv(1)
        asked.set()
        ended.wait(60)

    with fake_server(keep_waiting) as port:
        target = f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"
        command = [*INTERRUPTIBLE, *RUN, "--kb", kb, "--log", str(log), "--target", target, *SOMEBODY, *more]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True
        ) as process:
            try:
                assert asked.wait(60), "it did not connect to the server"
                yield Hanging(process, target)
            finally:
                process.kill()
                ended.set()
