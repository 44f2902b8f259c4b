"""The payment job as a process that runs until a fault makes it fail."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from diagnostics.lab.programs import payment_job

FAILURE_TIMEOUT_S = 5.0
"""Seconds within which a job that pays five times a second fails after a fault."""


class PaymentJob:
    """Context manager: the job runs inside the block."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = environment
        self._folder = folder
        self._process: subprocess.Popen[str]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, payment_job.__file__, "--every", "0.2"],
            env=self._environment,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def first_line(self) -> str:
        """Return the line that the job printed for its first payment."""
        return self._process.stdout.readline().strip() if self._process.stdout else ""

    def traceback(self) -> str:
        """Return the traceback of the failed job, or "" if it still runs after 5 s."""
        try:
            return self._process.communicate(timeout=FAILURE_TIMEOUT_S)[1]
        except subprocess.TimeoutExpired:
            return ""
