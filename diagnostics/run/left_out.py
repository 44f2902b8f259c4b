"""Packs that are left out because they are broken: one line for each, and their problems for `list packs`."""

import sys
from collections.abc import Mapping, Sequence

from diagnostics.terminal import print_line

_REPORTED: dict[str, tuple[str, ...]] = {}
"""Problems whose line was printed: a command may load the entries several times."""


def leave_out(subject: str, problems: Sequence[str], verb: str = "are") -> None:
    """Print one line about what is left out, once."""
    if subject in _REPORTED:
        return
    _REPORTED[subject] = tuple(problems)
    more = f" (and {len(problems) - 1} more: clearpay-doctor list packs)" if len(problems) > 1 else ""
    print_line(f"clearpay-doctor: the {subject} {verb} left out: {problems[0]}{more}", sys.stderr)


def is_left_out(pack: str) -> bool:
    """Return True if the catalogue of this process lacks a pack, by its name."""
    return f"pack {pack}" in _REPORTED


def problems_by_subject() -> Mapping[str, tuple[str, ...]]:
    """Return the problems that `leave_out` was given, by their subject."""
    return _REPORTED
