"""A pseudo-terminal for the program under test, its output, and the end of its process."""

import fcntl
import os
import pty
import re
import selectors
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0
QUIET_S = 0.4
NOT_INHERITED = {"TMUX", "SSH_TTY", "COLUMNS", "LINES"}
"""Variables that describe the terminal of the test run."""
ALTERNATE_SCREEN_LEFT = b"\x1b[?1049l"
ESCAPES = re.compile(rb"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.")
CONTROLLING = """
import fcntl, os, sys, termios
fcntl.ioctl(2, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Make the pty the controlling terminal, as a login shell does, so that /dev/tty exists."""


class Terminal:
    """A run of `clearpay-doctor` or of another program; `piped` is its standard input."""

    def __init__(
        self,
        *arguments: str,
        size: tuple[int, int] = (80, 24),
        piped: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = (sys.executable, "-m", "diagnostics.cli"),
    ) -> None:
        self.output = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        environ = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}
        self.process = subprocess.Popen(
            [sys.executable, "-c", CONTROLLING, *program, *arguments],
            stdin=slave if piped is None else subprocess.PIPE,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            start_new_session=True,
            env={**environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **(environment or {})},
        )
        os.close(slave)
        if piped is not None and self.process.stdin:
            self.process.stdin.write(piped)
            self.process.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """The output without escape sequences."""
        return ESCAPES.sub(b"", self.output).decode("utf-8", "replace")

    def send(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def send_while_reading(self, keys: bytes) -> None:
        """Send more than the pty holds, reading the output meanwhile."""
        sender = threading.Thread(target=self._send_all, args=(keys,), daemon=True)
        sender.start()
        while sender.is_alive():
            self._read(0.05)

    def _send_all(self, keys: bytes) -> None:
        left = memoryview(keys)
        while left:
            left = left[os.write(self._master, left[:4096]) :]

    def wait_until_stopped(self) -> None:
        """Wait until the program has stopped itself."""
        until = time.monotonic() + PATIENCE_S
        while Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "T":
            self._read(0.1)
            assert time.monotonic() < until, f"never stopped:\n{self.text[-3000:]}"

    def wait_for_again(self, wanted: str) -> None:
        """Read until a text was written once more."""
        self.output = b""
        self.wait_for(wanted)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        self.process.send_signal(number)

    def wait_for(self, wanted: str) -> None:
        """Read until a text was written. Raises ChildProcessError if the program ends before that."""
        until = time.monotonic() + PATIENCE_S
        while wanted not in self.text:
            if not self._read(0.5) and self.process.poll() is not None:
                raise ChildProcessError(f"ended with {self.process.returncode}:\n{self.text[-3000:]}")
            assert time.monotonic() < until, f"{wanted!r} never came:\n{self.text[-3000:]}"

    def wait_for_match(self, pattern: str, seen: int = 0) -> None:
        """Read until the output after its first `seen` bytes matches a regular expression."""
        until = time.monotonic() + PATIENCE_S
        while not re.search(pattern, ESCAPES.sub(b"", self.output[seen:]).decode("utf-8", "replace")):
            if not self._read(0.5) and self.process.poll() is not None:
                raise ChildProcessError(f"ended with {self.process.returncode}:\n{self.text[-3000:]}")
            assert time.monotonic() < until, f"{pattern!r} never came:\n{self.text[-3000:]}"

    def bytes_of(self, keys: bytes) -> int:
        """Return the size of the output after a key, once the output before it is complete."""
        while self._read(QUIET_S):
            pass
        before = len(self.output)
        self.send(keys)
        while self._read(QUIET_S):
            pass
        return len(self.output) - before

    def ended(self) -> int:
        """Wait for the end of the program, read the rest of its output, and return the exit code."""
        until = time.monotonic() + PATIENCE_S
        while self._read(0.1) or self.process.poll() is None:
            assert time.monotonic() < until, f"still running:\n{self.text[-3000:]}"
        return self.process.returncode

    def seconds_to_end(self, keys: bytes) -> float:
        """Return the time from a key to the end of the program."""
        began = time.monotonic()
        self.send(keys)
        self.ended()
        return time.monotonic() - began

    def _read(self, patience: float) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._master, selectors.EVENT_READ)
            if not selector.select(patience):
                return False
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # EIO on Linux when the last process of the pty has ended
            return False
        self.output += chunk
        return bool(chunk)


def command(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "diagnostics.cli", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        start_new_session=True,
        timeout=PATIENCE_S,
    )
