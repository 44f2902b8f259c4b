"""The process's own folder for labs, and the keeper that ends what runs in it when the process is gone."""

import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diagnostics.lab.errors import LabError
from diagnostics.lab.process import supervisor
from diagnostics.lab.process.environment import clean

MAX_BASE_LENGTH = 103 - len("/clearpay-12345678/template-12345678/socket/.s.PGSQL.65535")
"""A unix socket's path has at most 103 bytes (macOS; 107 on Linux); this is the longest below the base."""
_lock = threading.Lock()
_current: "Workshop | None" = None


@dataclass(frozen=True, slots=True)
class Workshop:
    """A temporary folder with a keeper."""

    folder: Path
    process: subprocess.Popen[str]

    def new_folder(self, prefix: str) -> Path:
        """A fresh folder below it. Others may pass through, since a server of root's runs as nobody."""
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=self.folder))
        if server_user():
            path.chmod(0o711)
        return path

    def close(self) -> None:
        """End the keeper, and with it all that it started."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        if self.process.stdout:
            self.process.stdout.close()
        self.process.wait(supervisor.PATIENCE_S * 2)


def workshop() -> Workshop:
    """The workshop of this process, opened at the first call and closed at the process's end."""
    global _current  # noqa: PLW0603  a process has one, however many labs it holds
    with _lock:
        if _current is None or _current.process.poll() is not None:
            _current = _open()
            atexit.register(_current.close)
        return _current


def server_user() -> str | None:
    """The user that servers run as: nobody for root, whom PostgreSQL refuses; else the caller."""
    return "nobody" if os.geteuid() == 0 else None


def start(keeper_socket: Path, argv: Sequence[str], log: Path) -> int:
    """Let a keeper start a server, from any process of its user; returns the pid. Raises LabError."""
    request = {"argv": list(argv), "log": str(log), "user": server_user(), "environment": clean()}
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(keeper_socket))
            with connection.makefile("rw") as lines:
                lines.write(json.dumps(request) + "\n")
                lines.flush()
                reply: dict[str, Any] = json.loads(lines.readline() or '{"error": "the keeper has ended"}')
    except OSError as error:
        raise LabError(f"{keeper_socket}: the lab is not running: {error.strerror or error}") from None
    if "pid" not in reply:
        raise LabError(f"{argv[0]}: {reply['error']}")
    return int(reply["pid"])


def _open() -> Workshop:
    base = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="clearpay-", dir=base if len(base) <= MAX_BASE_LENGTH else "/tmp"))  # noqa: S108  mkdtemp is private
    if server_user():
        folder.chmod(0o711)
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", supervisor.__file__, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=clean(),
        cwd="/",
        start_new_session=True,
    )
    if process.stdout is None or process.stdout.readline() != "ready\n":
        raise LabError(f"the keeper of {folder} did not start: exit code {process.wait()}")
    return Workshop(folder, process)
