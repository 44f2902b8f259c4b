"""The standard streams as others leave them to us: closed, full, or without a reader."""

import errno
import os
import sys

from diagnostics.terminal import encodable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Errors of a write that say nothing against this program."""


class ReaderGone(BrokenPipeError):
    """The reader of a stream left in the middle of a run: what comes after is decided by nobody."""


def open_closed_streams() -> None:
    """Put the null device where a descriptor was closed, so that no file of ours takes its number.

    What is said there is lost. A closed stdin stays None, because whoever reads it has to say so.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest free number: this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  as above


def say(text: str) -> None:
    """Write to stdout, now. A reader that left, as `head` does, changes nothing in the exit code."""
    try:
        sys.stdout.write(encodable(text, sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:
        hush()


def hush() -> None:
    """Let what stdout still holds, and all that follows, go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
