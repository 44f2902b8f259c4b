"""Copying that says where the copy went: a tmux buffer, the terminal's clipboard, or a file."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

OSC52_MOST: Final = 70_000
"""Bytes that terminals take in one OSC 52 sequence; base64 makes them 94,000."""
PATIENCE_S: Final = 1.0
DEAF: Final = frozenset({"linux", "dumb", "vt100", ""})
"""Terminals that do not know OSC 52."""


def copied(text: str, osc52: Callable[[str], None], environment: Mapping[str, str] = os.environ) -> str:
    """Copy a text the best way there is; returns a sentence that says which.

    Inside tmux its own buffer is used, for tmux drops a program's OSC 52 by default.
    """
    size = f"{len(text)} characters"
    if environment.get("TMUX") and _to_tmux(text):
        return f"copied {size} to the tmux buffer (prefix ] pastes)"
    fits = len(text.encode()) <= OSC52_MOST
    if fits and not environment.get("TMUX") and environment.get("TERM", "") not in DEAF:
        osc52(text)
        return f"sent {size} to the terminal's clipboard (OSC 52); E writes a file, should it be empty"
    return f"wrote {size} to {to_file(text, 'copy', 'txt')}"


def to_file(text: str, stem: str, suffix: str, folder: Path | None = None) -> Path:
    """Write a text to a new file, readable by this user alone, and return its path. Raises OSError."""
    place = folder or Path.cwd()
    for number in range(1, 1000):
        path = place / f"clearpay-doctor-{stem}{'' if number == 1 else f'-{number}'}.{suffix}"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        return path
    raise FileExistsError(f"{place} is full of exported files")


def _to_tmux(text: str) -> bool:
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=text.encode(),
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
