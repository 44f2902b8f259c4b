"""Secrets that a command prints: its output is read within limits of time and size."""

import os
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from diagnostics.errors import CannotTell
from diagnostics.targets.settings import SecretRef
from kb.parsers.plain_file import expanded
from kb.text.sanitize import mask_secrets, one_line

MAX_BYTES = 64 * 1024
MAX_ERROR = 200
"""Characters of the command's standard error in a message."""
CHUNK = 4096
POLL_S = 0.05


def output_of(ref: SecretRef, key: str, folder: Path, seconds: float) -> str:
    """Return the secret that the reference's command prints, run in `folder` and without a shell.

    `key` names the setting in messages. Raises CannotTell if the command fails, prints nothing or more than a
    secret, or takes longer than `seconds`.
    """
    name = f"{key} cannot be read: {ref.describe()}"
    process, out, err = _start(ref, name, folder)
    try:
        _collect(process, out, err, name, seconds)
    finally:
        _end(process)
    if process.returncode:
        reason = _error_line(err, out)
        raise CannotTell(f"{name} ended with {process.returncode}{f': {reason}' if reason else ''}")
    lines = out.decode("utf-8", "replace").removesuffix("\n").split("\n")
    if not lines[0].strip():
        raise CannotTell(f"{name} printed nothing")
    if not ref.first_line and len(lines) > 1:
        raise CannotTell(
            f"{name} printed {len(lines)} lines; add first_line = true if the first is the secret"
        )
    return lines[0].removesuffix("\r")


def _start(ref: SecretRef, name: str, folder: Path) -> tuple["subprocess.Popen[bytes]", bytearray, bytearray]:
    program, *arguments = ref.command
    try:
        process = subprocess.Popen(
            [expanded(program) if program.startswith("~") else program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            start_new_session=True,  # it can be ended with its children, and has no terminal to ask on
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CannotTell(f"{name} cannot be started: {reason}") from None
    return process, bytearray(), bytearray()


def _collect(
    process: "subprocess.Popen[bytes]", out: bytearray, err: bytearray, name: str, seconds: float
) -> None:
    """Read both streams until the process has ended. Raises CannotTell."""
    until = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for stream, buffer in ((process.stdout, out), (process.stderr, err)):
            if stream:
                selector.register(stream.fileno(), selectors.EVENT_READ, buffer)
        while selector.get_map() or process.poll() is None:
            ended = process.poll() is not None
            ready = selector.select(0 if ended else POLL_S)
            for item, _ in ready:
                if not _read(item.fd, item.data):
                    selector.unregister(item.fd)
            if len(out) > MAX_BYTES:
                raise CannotTell(f"{name} printed more than {MAX_BYTES} bytes; not a secret")
            if ended and not ready:
                return  # a child of it keeps the streams open
            if time.monotonic() > until:
                raise CannotTell(f"{name} has not ended within {seconds:g} s")


def _read(descriptor: int, buffer: bytearray) -> bool:
    """Append what a stream has to the buffer, up to a limit. Return False at the end of the stream."""
    data = os.read(descriptor, CHUNK)
    buffer += data[: max(0, MAX_BYTES + 1 - len(buffer))]
    return bool(data)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and its children, whatever state they are in."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def _error_line(err: bytearray, out: bytearray) -> str:
    """Return the last line of the standard error, secrets masked, without what was printed as the secret."""
    lines = [line for line in err.decode("utf-8", "replace").splitlines() if line.strip()]
    text = lines[-1] if lines else ""
    for printed in out.decode("utf-8", "replace").split():
        text = text.replace(printed, "...")
    return mask_secrets(one_line(text))[:MAX_ERROR]
