"""Output in the log of a CI job: nothing that a server, a target file or a call says acts on the runner."""

import json
import re
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics.lab.servers.listener import Listener
from tests.diagnostics.cli.test_main import run
from tests.kb.text.test_ci_commands import RUNNERS

SAYS = "##vso[task.setvariable variable=PATH]x ::set-env name=PATH::x ##[error]x section_start:1:x "
ENCRYPTION_REQUESTS = {struct.pack("!I", 80877103), struct.pack("!I", 80877104)}
FORMATS = ("human", "markdown", "json", "ndjson", "junit", "nagios", "prometheus")


class Refusing(Listener):
    """PostgreSQL that refuses every login with a text of its own."""

    def handle(self, client: socket.socket) -> None:
        """Refuse encryption, then the login."""
        while client.recv(65536)[4:8] in ENCRYPTION_REQUESTS:
            client.sendall(b"N")
        body = b"SFATAL\0VFATAL\0CXX000\0M" + (SAYS * 8).encode() + b"\0\0"
        client.sendall(b"E" + struct.pack("!I", len(body) + 4) + body)


@pytest.fixture(scope="module")
def refusing() -> Iterator[int]:
    """Yield the port of a server that refuses."""
    with Refusing() as server:
        yield server.port


@pytest.mark.parametrize("name", FORMATS)
def test_a_server_cannot_write_commands_of_the_runner(name: str, refusing: int) -> None:
    url = f"postgresql://app@127.0.0.1:{refusing}/payments"

    done = run("check", "connect", "login", "--target", url, "--format", name, "--debug")

    assert "task.setvariable" in done.stderr
    assert not RUNNERS.search(done.stdout)
    assert not RUNNERS.search(done.stderr)
    if name == "json":
        assert SAYS.strip() in json.dumps(json.loads(done.stdout))


@pytest.mark.parametrize("columns", range(40, 72, 5))
def test_no_width_puts_a_command_at_the_beginning_of_a_line(columns: int, refusing: int) -> None:
    url = f"postgresql://app@127.0.0.1:{refusing}/payments"

    done = run("check", "login", "--target", url, COLUMNS=str(columns))

    assert re.search(r"# #|: :|section _", done.stdout)
    assert not RUNNERS.search(done.stdout)


@pytest.mark.parametrize(
    "words",
    [
        ["check", "::set-env name=a::b"],
        ["::add-mask::a"],
        ["check", "--target", "##vso[task.complete]"],
        ["explain", "##[error]"],
        ["check", "connect", "--target", "##vso[task.complete]", "--format", "nagios"],
    ],
)
def test_a_word_of_the_call_is_not_repeated_as_a_command(words: list[str]) -> None:
    done = run(*words)

    assert done.returncode == 2 or done.stdout
    assert not RUNNERS.search(done.stdout + done.stderr)


def test_names_of_a_target_file_are_no_commands(tmp_path: Path) -> None:
    file = tmp_path / "clearpay-doctor.toml"
    file.write_text("[target.'##vso[task.complete]']\ndatabase = 'postgresql://a@127.0.0.1:1/b'\n")
    file.chmod(0o600)

    for words in (["list", "targets"], ["list", "targets", "--format", "json"], ["check", "connect"]):
        done = run(*words, "--config", str(file))
        assert not RUNNERS.search(done.stdout + done.stderr)
