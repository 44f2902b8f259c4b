"""What is being done, on one line of a terminal's stderr that the next one replaces."""

import os
import sys

CLEAR = "\r\x1b[K"
USUAL_COLUMNS = 80


def progress(text: str) -> None:
    """Show what is being done, in one line, whatever the width. A terminal that cannot replace shows none."""
    if not _is_dumb():
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or USUAL_COLUMNS
        print(f"{CLEAR}{text[: columns - 1]}", end="", file=sys.stderr, flush=True)


def settled(text: str) -> None:
    """Put lines that stay in the place of what was being done, on whatever stderr is."""
    replaces = sys.stderr.isatty() and not _is_dumb()
    print(f"{CLEAR}{text}" if replaces else text, file=sys.stderr, flush=True)


def _is_dumb() -> bool:
    return os.environ.get("TERM") == "dumb"
