"""Exit codes of the command line: a promise to scripts, independent of the format (but for nagios)."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes and their meaning; README has the same table."""

    OK = 0
    """No finding at or above `--fail-on`; `match`, `scan`: an entry matches; `fix`: verified; a runbook ended
    green."""
    FOUND = 1
    """A finding, a confirmed or past entry; `match`, `scan`: no entry matches; `fix`: not confirmed now."""
    USAGE = 2
    """Unknown option, id or target; unreadable input; missing extra; the lab is not running."""
    UNDETERMINED = 3
    """No result: probes ended `unknown` or `error`, no probe ran, no known error matches a text, `scan`
    found none and parts were not read, or a fix was declined or could not be run."""
    INVALID = 4
    """An invalid entry, runbook or configuration."""
    STILL_FAILING = 5
    """`verify`, `fix`: still failing at the end of `--wait`."""
    INTERNAL = 70
    """An internal error: a bug in this program."""
    INTERRUPTED = 130
    """SIGINT (Ctrl-C); the partial report is written."""
    TERMINATED = 143
    """SIGTERM; the partial report is written."""
