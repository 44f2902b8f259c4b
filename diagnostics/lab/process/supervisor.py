"""A process that starts servers on request and ends them all when its parent is gone, even by kill -9.

Run as a script with the folder that it owns: `python -I keeper.py FOLDER`. It listens on the unix socket
`keeper` in that folder; a request is one JSON line {"argv", "log", "user", "environment"}, the answer
{"pid"} or {"error"}. The end of its standard input is the end of its parent: it stops what it started,
removes the folder and leaves. It uses the standard library only, since it must start at once.
"""

import json
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PATIENCE_S = 5.0


class Keeper:
    """The parent of every server, so that each is waited for and none outlives the lab."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[subprocess.Popen[bytes]] = []

    def serve(self) -> None:
        """Answer requests until the standard input ends."""
        awake, wake = socket.socketpair()
        wake.setblocking(False)
        signal.set_wakeup_fd(wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as selector, awake, wake:
            listener.bind(str(self.folder / "keeper"))
            listener.listen()
            for source in (sys.stdin, listener, awake):
                selector.register(source, selectors.EVENT_READ)
            print("ready", flush=True)  # noqa: T201  the parent waits for this line
            while sys.stdin not in (ready := [key.fileobj for key, _ in selector.select()]):
                if awake in ready:
                    awake.recv(64)
                    self.children = [child for child in self.children if child.poll() is None]
                if listener in ready:
                    self.answer(listener.accept()[0])
            signal.set_wakeup_fd(-1)

    def answer(self, client: socket.socket) -> None:
        """Start one program for one client; what is wrong with its request is its own answer."""
        with client, client.makefile("rw") as lines:
            try:
                client.settimeout(PATIENCE_S)
                reply: dict[str, Any] = {"pid": self.start(**json.loads(lines.readline()))}
            except (OSError, ValueError, TypeError, LookupError) as error:
                reply = {"error": str(error)}
            try:
                lines.write(json.dumps(reply) + "\n")
                lines.flush()
            except OSError:
                return

    def start(self, argv: list[str], log: str, user: str | None, environment: dict[str, str]) -> int:
        """Start a program with its output appended to `log`; as another user where one is named."""
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
        return child.pid

    def end(self) -> None:
        """Stop every server at once and remove the folder."""
        for child in self.children:
            child.send_signal(signal.SIGQUIT)
        until = time.monotonic() + PATIENCE_S
        for child in self.children:
            try:
                child.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _group(user: str) -> int:
    import pwd  # noqa: PLC0415  only root names another user

    return pwd.getpwnam(user).pw_gid


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A handler, not SIG_IGN: what is ignored stays ignored in the servers that it starts.
        signal.signal(number, lambda *_: None)
    keeper = Keeper(Path(sys.argv[1]))
    try:
        keeper.serve()
    finally:
        keeper.end()
