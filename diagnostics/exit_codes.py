"""What the command line promises to scripts, the same in every format."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The meaning of each code."""

    OK = 0
    """Nothing wrong at or above `--fail-on`; a match; ended green."""
    FOUND = 1
    """A finding, a confirmed or past entry; for `match`: no entry matches."""
    USAGE = 2
    """Unknown option, id or target; unreadable input; missing extra; the lab is not running."""
    UNDETERMINED = 3
    """Nothing could be determined: `unknown`, `error`, or nothing ran."""
    INVALID = 4
    """An invalid record, runbook or configuration."""
    STILL_FAILING = 5
    """`verify`: still failing at the end of `--wait`."""
    INTERNAL = 70
    """A bug of this program."""
    INTERRUPTED = 130
    """Ctrl-C; the partial report is still written."""
    TERMINATED = 143
    """SIGTERM; the partial report is still written."""
