"""Processes of a fix: a command or a program on this machine, its output masked and shown as it comes.

On a terminal the process is in the foreground, as in a shell, so that sudo can ask for a password; Ctrl-C
then reaches it alone, and its end is reported. Otherwise it has a session of its own and no terminal.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from diagnostics.errors import CannotTell

STEP_S: Final = 600.0
"""Seconds that a step may take."""
END_S: Final = 5.0
"""Seconds that a process has to end after it was told to."""
POLL_S: Final = 0.2
CHUNK: Final = 4096
MAX_LINE: Final = 400
MAX_LINES: Final = 200
CLOUD_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""Variables that would win over a profile that the target names."""


def shell_words(code: str) -> list[str]:
    """Return the words that run a command in a shell."""
    return ["/bin/sh", "-c", code]


def python_words(code: str) -> list[str]:
    """Return the words that run a program with the Python of this program."""
    return [sys.executable, "-c", code]


def run_process(
    words: Sequence[str],
    folder: Path,
    variables: Mapping[str, str],
    show: Callable[[str], None],
    *,
    terminal: int | None = None,
) -> str:
    """Run a process to its end and return its last line; every line is passed to `show`.

    `terminal` is the descriptor of a terminal that it may use. Raises CannotTell if it fails or takes longer
    than STEP_S, KeyboardInterrupt if it was interrupted; it has ended then.
    """
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=_environment(variables),
            process_group=0 if terminal is not None else None,
            start_new_session=terminal is None,
        )
    except OSError as error:
        raise CannotTell(f"it cannot be started: {error.strerror}: {error.filename}") from None
    lines = _Lines(show)
    with _foreground(terminal, process.pid):
        try:
            _read_to_end(process, lines)
        except BaseException:
            _end(process)
            raise
        finally:
            lines.end()
            if process.stdout:
                process.stdout.close()
    if process.returncode in {-signal.SIGINT, 128 + signal.SIGINT} and terminal is not None:
        raise KeyboardInterrupt
    if process.returncode:
        reason = f": {lines.last}" if lines.last else ""
        raise CannotTell(f"it ended with {_ending(process.returncode)}{reason}")
    return lines.last


class _Lines:
    """Lines of the output, bounded in number and length."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._rest = b""
        self._count = 0
        self.last = ""

    def add(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            self._take(line)
        if len(self._rest) > MAX_LINE * 4:
            self._take(self._rest)
            self._rest = b""

    def end(self) -> None:
        if self._rest:
            self._take(self._rest)
        self._rest = b""

    def _take(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()[:MAX_LINE]
        self.last = text or self.last
        self._count += 1
        if self._count <= MAX_LINES:
            self._show(text)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    named = "AWS_PROFILE" in variables
    kept = {name: value for name, value in os.environ.items() if not (named and name in CLOUD_KEYS)}
    return {**kept, **variables}


def _read_to_end(process: "subprocess.Popen[bytes]", lines: _Lines) -> None:
    until = time.monotonic() + STEP_S
    assert process.stdout is not None  # noqa: S101  it is a pipe
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.get_map() or process.poll() is None:
            ended = process.poll() is not None
            ready = selector.select(0 if ended else POLL_S) if selector.get_map() else _pause()
            for _ in ready:
                data = os.read(process.stdout.fileno(), CHUNK)
                lines.add(data)
                if not data:
                    selector.unregister(process.stdout)
            if ended and not ready:
                return  # a server that it started keeps the pipe open
            if time.monotonic() > until:
                raise CannotTell(f"it has not ended within {STEP_S:g} s, and was ended")


def _pause() -> Sequence[object]:
    time.sleep(POLL_S)
    return ()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and its children: by SIGTERM, then by SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_S)
            return


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


@contextmanager
def _foreground(terminal: int | None, group: int) -> Iterator[None]:
    """Give the terminal to the process group, and take it back at the end."""
    if terminal is None:
        yield
        return
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        with suppress(OSError):
            os.tcsetpgrp(terminal, group)
            os.killpg(group, signal.SIGCONT)  # it may have asked for the terminal before it had it
        yield
    finally:
        with suppress(OSError):
            os.tcsetpgrp(terminal, os.getpgrp())
        signal.signal(signal.SIGTTOU, before)
