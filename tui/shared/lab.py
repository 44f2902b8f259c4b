"""The lab as the screen uses it: real servers, held by a process of their own that ends with this one."""

import subprocess
import sys
from typing import Final, Protocol

from diagnostics.errors import UsageError
from diagnostics.targets import target_file
from diagnostics.targets.target import Target

PATIENCE_S: Final = 10.0


class LabControl(Protocol):
    """Something that breaks and repairs. Calls block; they are made on threads."""

    def target(self) -> Target:
        """The lab as it is now. Raises InvalidTarget where it is gone."""

    def break_(self, finding: str) -> str:
        """Make a finding true, let the application run into it, and return what it printed."""

    def repair(self) -> None:
        """Make everything healthy again."""

    def broken(self) -> str:
        """The finding that is being made; empty in a healthy lab."""

    def close(self) -> None:
        """End what was started for this; a lab that ran before goes on."""


class RunningLab:
    """The lab that `clearpay-doctor lab up` holds, or one that is held for as long as this lives."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Use the running lab, else start one. Raises UsageError with what it said if it does not start."""
        from diagnostics.lab.service.client import LabNotRunning, send  # noqa: PLC0415  the lab is an extra

        try:
            send("status")
        except LabNotRunning:
            self._start()

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
            said = err.read().decode("utf-8", "replace").strip() if err else ""
            raise UsageError(f"the lab did not start: {said.splitlines()[-1] if said else 'it said nothing'}")

    def target(self) -> Target:
        """The lab's target, read anew: a fault may lead it astray."""
        return target_file.target_named(target_file.LAB, target_file.Config())

    def break_(self, finding: str) -> str:
        """Break it, and run what suffers."""
        from diagnostics.lab.service.client import send  # noqa: PLC0415

        send("break", finding=finding)
        return str(send("fail")["printed"])

    def repair(self) -> None:
        """Repair it."""
        from diagnostics.lab.service.client import send  # noqa: PLC0415

        send("repair")

    def broken(self) -> str:
        """What is broken."""
        from diagnostics.lab.service.client import send  # noqa: PLC0415

        return str(send("status")["broken"])

    def close(self) -> None:
        """Let go of the process: its input ends, and so does it, in its own time."""
        if self._process and self._process.stdin:
            self._process.stdin.close()
