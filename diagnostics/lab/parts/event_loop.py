"""The service as a part of the lab: the process of its loop, and what the doctor is told of it."""

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
    """Faults change the way of work, and whether the doctor knows the process."""

    port: int
    pid: int
    """0 where the doctor is not told."""

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
        word, _, port = self._line().partition(" ")
        if word != "ready":
            raise LabError(f"the service with an event loop ended with {self._process.wait()}")
        self.port = int(port)

    @property
    def description(self) -> str:
        """Where it listens."""
        return f"a service at {self.url}"

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def switch(self, mode: Mode) -> None:
        """Work in another way from the next request on. Raises LabError where the process is gone."""
        if self._process.stdin is None or self._process.poll() is not None:
            raise LabError("the service with an event loop has ended")
        self._process.stdin.write(f"{mode}\n")
        self._process.stdin.flush()
        if self._line() != mode:
            raise LabError(f"the service with an event loop did not switch to {mode}")

    def restore(self) -> None:
        """Work in a process of its own, known to the doctor."""
        self.pid = self._process.pid
        self.switch(HEALTHY)

    def apply_to_settings(self, settings: TargetSettings) -> TargetSettings:
        """Its health, what makes it work, and its process."""
        service = Service(health=f"{self.url}/healthz", work=f"{self.url}/validate", pid=self.pid)
        return replace(settings, service=service)

    def _line(self) -> str:
        return self._process.stdout.readline().strip() if self._process.stdout else ""
