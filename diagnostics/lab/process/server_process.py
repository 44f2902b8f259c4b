"""A server in a process group of its own: started by the supervisor, and ended with its workers."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from diagnostics.lab.errors import LabError
from diagnostics.lab.process.workspace import start, workspace

TIMEOUT_S = 20.0
POLL_S = 0.01


class ServerProcess:
    """Process group of one server, with its log."""

    def __init__(self, name: str, log: Path) -> None:
        self._name, self._log_file = name, log
        self.pid = 0
        """Process id of its first process; 0 before the start and after the end."""

    def start(self, argv: Sequence[str], is_ready: Callable[[], bool], *, as_caller: bool = False) -> None:
        """Start the program and wait until it is ready. Raises LabError with the end of its log."""
        self._log_file.touch()
        self.pid = start(workspace().supervisor_socket, argv, self._log_file, as_caller=as_caller)
        try:
            self._wait(lambda: is_ready() or not self._runs(), "does not start")
        except LabError:
            self.end()
            raise
        if not self._runs():
            self.pid = 0
            raise LabError(f"{self._name} ended: {self.log[-2000:].strip() or 'its log is empty'}")

    def end(self) -> None:
        """End the process and its workers, and wait until they are gone. Does nothing if it does not run."""
        if not self.pid:
            return
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            self._wait(lambda: not self._runs(), "does not end")
        except LabError:
            self.send(signal.SIGKILL)
            self._wait(lambda: not self._runs(), "does not end")
        self.pid = 0

    def send(self, number: signal.Signals) -> None:
        """Signal the process and its workers."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    @property
    def log(self) -> str:
        """Text of the log so far."""
        return self._log_file.read_text("utf-8", "replace")

    def _runs(self) -> bool:
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _wait(self, done: Callable[[], bool], problem: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not done():
            if time.monotonic() > deadline:
                raise LabError(f"{self._name} {problem} within {TIMEOUT_S:g} s: {self.log[-2000:].strip()}")
            time.sleep(POLL_S)
