"""The service with an event loop as a part of the lab."""

import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import Literal

from diagnostics.lab.errors import LabError
from diagnostics.lab.part import Part
from diagnostics.lab.process.environment import clean
from diagnostics.lab.programs import event_loop_service
from diagnostics.targets.settings import Service, TargetSettings

Mode = Literal["process", "released_threads", "cpu_inline", "sleep_inline", "gil_threads"]
HEALTHY: Mode = "process"


class LoopPart(Part):
    """The service; faults change its mode of work, and hide its process from the doctor."""

    port: int
    pid: int
    """0 if the doctor is not given the process."""
    replacement: Service | None = None
    """Service on another server, which the target names in place of this one."""

    def start(self, stack: ExitStack) -> None:
        """Start the process; the end of its standard input ends it."""
        self._process = subprocess.Popen(
            [sys.executable, event_loop_service.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=clean(),
        )
        stack.callback(self._process.communicate)
        status, _, port = self._line().partition(" ")
        if status != "ready":
            raise LabError(f"the service with an event loop ended with exit code {self._process.wait()}")
        self.port = int(port)

    @property
    def description(self) -> str:
        """Name and URL."""
        return f"a service at {self.url}"

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://127.0.0.1:{self.port}"

    def switch(self, mode: Mode) -> None:
        """Set the mode from the next request on. Raises LabError if the process has ended."""
        if self._process.stdin is None or self._process.poll() is not None:
            raise LabError("the service with an event loop has ended")
        self._process.stdin.write(f"{mode}\n")
        self._process.stdin.flush()
        if self._line() != mode:
            raise LabError(f"the service with an event loop did not switch to {mode}")

    def restore(self) -> None:
        """Work in a separate process, and give its pid to the doctor."""
        self.pid, self.replacement = self._process.pid, None
        self.switch(HEALTHY)

    def apply_to_settings(self, settings: TargetSettings) -> TargetSettings:
        """Set the URLs of health and work, and the process."""
        own = Service(health=f"{self.url}/healthz", work=f"{self.url}/validate", pid=self.pid)
        return replace(settings, service=self.replacement or own)

    def _line(self) -> str:
        return self._process.stdout.readline().strip() if self._process.stdout else ""
