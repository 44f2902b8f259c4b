"""The folder for labs of this process, and the supervisor that ends its servers when the process ends."""

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
_current: "Workspace | None" = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """A temporary folder with a running supervisor."""

    folder: Path
    process: subprocess.Popen[str]

    @property
    def supervisor_socket(self) -> Path:
        """The unix socket of the supervisor."""
        return self.folder / supervisor.SOCKET

    def new_folder(self, prefix: str) -> Path:
        """Create a subfolder. Others can pass through it if needed: as root, the server runs as nobody."""
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=self.folder))
        if server_user():
            path.chmod(0o711)
        return path

    def close(self) -> None:
        """End the supervisor, and with it every server."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        if self.process.stdout:
            self.process.stdout.close()
        self.process.wait(supervisor.TIMEOUT_S * 2)


def workspace() -> Workspace:
    """Return the workspace of this process; the first call opens it, the end of the process closes it."""
    global _current  # noqa: PLW0603  one for all labs of a process
    with _lock:
        if _current is None or _current.process.poll() is not None:
            _current = _open()
            atexit.register(_current.close)
        return _current


def server_user() -> str | None:
    """Return the user to run servers as: nobody for root, which PostgreSQL refuses; None for the caller."""
    return "nobody" if os.geteuid() == 0 else None


def make_private(folder: Path) -> None:
    """Create a folder that only the servers' user can enter."""
    folder.mkdir(mode=0o700)
    give_to_server(folder)


def give_to_server(path: Path) -> None:
    """Make the servers' user the owner of a file or folder."""
    if user := server_user():
        import pwd  # noqa: PLC0415  only root names another user

        account = pwd.getpwnam(user)
        os.chown(path, account.pw_uid, account.pw_gid)


def start(supervisor_socket: Path, argv: Sequence[str], log: Path, *, as_caller: bool = False) -> int:
    """Ask a supervisor to start a server and return its pid; any process of the user can. Raises LabError.

    The server runs as `server_user`; with `as_caller`, as the calling user.
    """
    user = None if as_caller else server_user()
    request = {"argv": list(argv), "log": str(log), "user": user, "environment": clean()}
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(supervisor_socket))
            with connection.makefile("rw") as lines:
                lines.write(json.dumps(request) + "\n")
                lines.flush()
                reply: dict[str, Any] = json.loads(
                    lines.readline() or '{"error": "the supervisor has ended"}'
                )
    except OSError as error:
        raise LabError(f"{supervisor_socket}: the lab is not running: {error.strerror or error}") from None
    if "pid" not in reply:
        raise LabError(f"{argv[0]}: {reply['error']}")
    return int(reply["pid"])


def _open() -> Workspace:
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
        raise LabError(f"the supervisor of {folder} did not start: exit code {process.wait()}")
    return Workspace(folder, process)
