"""Start servers on request and end them all when the parent process is gone, even after kill -9.

Run as a script with the folder that it owns: `python -I supervisor.py FOLDER`. It listens on the unix socket
`supervisor` in that folder. A request is one JSON line {"argv", "log", "user", "environment"}, the answer
{"pid"} or {"error"}. At the end of its standard input, when the parent has ended, it stops the servers,
removes the folder and exits. It imports the standard library only, to start fast.

If it is killed too, the next `lab up` ends its servers and removes the folder (`leftovers`): a lock on the
file `lock` proves that a supervisor runs, and `servers` has the pid and the start of each server.
"""

import fcntl
import json
import os
import resource
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TextIO

TIMEOUT_S = 5.0
SOCKET, LOCK, SERVERS = "supervisor", "lock", "servers"
START_FIELD = 19
"""Place of `starttime` behind the name in /proc/PID/stat (proc(5))."""


class Supervisor:
    """Parent process of the servers: it reaps each one, and none outlives the lab."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[subprocess.Popen[bytes]] = []
        self._lock = self._locked()

    def _locked(self) -> TextIO:
        """Return the open lock file. It gets its name only when it is locked."""
        unnamed = self.folder / f"{LOCK}.new"
        file = unnamed.open("w", encoding="utf-8")
        fcntl.flock(file, fcntl.LOCK_EX)
        unnamed.rename(self.folder / LOCK)
        return file

    def serve(self) -> None:
        """Answer requests until the standard input ends."""
        wakeup, signal_socket = socket.socketpair()
        signal_socket.setblocking(False)
        signal.set_wakeup_fd(signal_socket.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with (
            socket.socket(socket.AF_UNIX) as listener,
            selectors.DefaultSelector() as selector,
            wakeup,
            signal_socket,
        ):
            listener.bind(str(self.folder / SOCKET))
            listener.listen()
            for source in (sys.stdin, listener, wakeup):
                selector.register(source, selectors.EVENT_READ)
            print("ready", flush=True)  # noqa: T201  the parent waits for this line
            while sys.stdin not in (ready := [key.fileobj for key, _ in selector.select()]):
                if wakeup in ready:
                    wakeup.recv(64)
                    self.children = [child for child in self.children if child.poll() is None]
                if listener in ready:
                    self.answer(listener.accept()[0])
            signal.set_wakeup_fd(-1)

    def answer(self, client: socket.socket) -> None:
        """Start the program of one request and send its pid, or the error of a bad request."""
        with client, client.makefile("rw") as lines:
            try:
                client.settimeout(TIMEOUT_S)
                reply: dict[str, Any] = {"pid": self.start(**json.loads(lines.readline()))}
            except (OSError, ValueError, TypeError, LookupError) as error:
                reply = {"error": str(error)}
            try:
                lines.write(json.dumps(reply) + "\n")
                lines.flush()
            except OSError:
                return

    def start(self, argv: list[str], log: str, user: str | None, environment: dict[str, str]) -> int:
        """Start a program as `user` if given, append its output to `log`, and return its pid."""
        group: dict[str, Any] = {"user": user, "group": _group(user), "extra_groups": []} if user else {}
        with Path(log).open("ab") as output:
            child = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd="/",
                start_new_session=True,
                **group,
            )
        self.children.append(child)
        with (self.folder / SERVERS).open("a", encoding="utf-8") as record:
            record.write(json.dumps([child.pid, start_of(child.pid)]) + "\n")
        return child.pid

    def end(self) -> None:
        """Stop every server with its workers, and remove the folder."""
        for child in self.children:
            _signal_group(child, signal.SIGQUIT)
        deadline = time.monotonic() + TIMEOUT_S
        for child in self.children:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(child, signal.SIGKILL)
                child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal a server and the workers that it started: each server leads a process group."""
    if child.poll() is None:
        os.killpg(child.pid, number)


def start_of(pid: int) -> str:
    """Return when a process began, in the system's own form; empty if it does not exist."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except FileNotFoundError:
        return _start_by_ps(pid) if not Path("/proc/self").exists() else ""
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[START_FIELD]


def _start_by_ps(pid: int) -> str:
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _group(user: str) -> int:
    import pwd  # noqa: PLC0415  only root names another user

    return pwd.getpwnam(user).pw_gid


if __name__ == "__main__":
    # Programs that do not handle SIGQUIT would leave a core dump.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A handler, not SIG_IGN: child processes inherit ignored signals.
        signal.signal(number, lambda *_: None)
    supervisor = Supervisor(Path(sys.argv[1]))
    try:
        supervisor.serve()
    finally:
        supervisor.end()
