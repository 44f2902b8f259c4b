"""The lab as the screens use it: real servers, held by a child process that ends with this one."""

import subprocess
import sys
import time
from typing import Protocol

from diagnostics.errors import UsageError
from diagnostics.targets import target_file
from diagnostics.targets.command_line.located import located
from diagnostics.targets.target import Target

ALREADY = "is running already"
"""Words of the refusal of a second lab."""
STARTED_BY_OTHERS_S = 20.0
"""Time in which a lab that another process starts answers."""
RETRY_S = 0.5


class LabControl(Protocol):
    """Control of a lab. Calls block, so they are made on threads."""

    def target(self) -> Target:
        """Return the lab's current target. Raises InvalidTarget if the lab has ended."""

    def break_(self, finding: str) -> str:
        """Inject the fault of a finding, run the application, and return its output."""

    def repair(self) -> None:
        """Remove the injected fault."""

    def broken(self) -> str:
        """Return the finding of the injected fault; empty in a healthy lab."""

    def close(self) -> None:
        """End the lab if this object started it."""


class RunningLab:
    """The lab of `clearpay-doctor lab up` if it is running, else a lab of its own."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Connect to the running lab, or start one. Raises UsageError with its last line of output."""
        until = time.monotonic() + STARTED_BY_OTHERS_S
        while not self._is_open(until):
            time.sleep(RETRY_S)

    def _is_open(self, until: float) -> bool:
        """Return True if a lab answers or was started, False while another process starts one."""
        from diagnostics.lab.service.client import LabNotRunning, send  # noqa: PLC0415  the lab is an extra

        try:
            send("status")
        except LabNotRunning:
            try:
                self._start()
            except UsageError as error:
                if ALREADY not in str(error) or time.monotonic() > until:
                    raise
                return False
        return True

    def _start(self) -> None:
        process = self._process = subprocess.Popen(
            [sys.executable, "-m", "diagnostics.lab.service.until_eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        out, err = process.stdout, process.stderr
        if out is None or err is None or out.readline().strip() != b"ready":
            output = err.read().decode("utf-8", "replace").strip() if err else ""
            raise UsageError(f"the lab did not start: {output.splitlines()[-1] if output else 'no output'}")

    def target(self) -> Target:
        """Return the lab's target, read again each time: a fault may change its address."""
        config = target_file.Config()
        return located(target_file.target_named(target_file.LAB, config), config, target_file.LAB)

    def break_(self, finding: str) -> str:
        """Inject the fault of a finding, run the application, and return its output."""
        from diagnostics.lab.service.client import send  # noqa: PLC0415

        send("break", finding=finding)
        return str(send("fail")["printed"])

    def repair(self) -> None:
        """Remove the injected fault."""
        from diagnostics.lab.service.client import send  # noqa: PLC0415

        send("repair")

    def broken(self) -> str:
        """Return the finding of the injected fault; empty in a healthy lab."""
        from diagnostics.lab.service.client import send  # noqa: PLC0415

        return str(send("status")["broken"])

    def close(self) -> None:
        """Close the input of the lab's process, which then ends by itself; do not wait for it."""
        if self._process and self._process.stdin:
            self._process.stdin.close()
