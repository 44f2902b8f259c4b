"""Copies to a tmux buffer, to the terminal's clipboard, or to a file."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

OSC52_MAX_BYTES: Final = 70_000
"""Bytes that terminals accept in one OSC 52 sequence; base64 makes 94,000 bytes of them."""
TMUX_TIMEOUT_S: Final = 1.0
WITHOUT_OSC52: Final = frozenset({"linux", "dumb", "vt100", ""})
"""Values of TERM for terminals that ignore OSC 52."""


def copy(text: str, osc52: Callable[[str], None], environment: Mapping[str, str] = os.environ) -> str:
    """Copy a text and return a sentence that names the destination. Raises OSError.

    Within tmux its own buffer is used: tmux drops the OSC 52 of programs by default.
    """
    size = f"{len(text)} characters"
    if environment.get("TMUX") and _to_tmux(text):
        return f"copied {size} to the tmux buffer (prefix ] pastes)"
    fits = len(text.encode()) <= OSC52_MAX_BYTES
    if fits and not environment.get("TMUX") and environment.get("TERM", "") not in WITHOUT_OSC52:
        osc52(text)
        return f"sent {size} to the terminal's clipboard (OSC 52); if it is empty, E writes a file"
    return f"wrote {size} to {write_new_file(text, 'copy', 'txt')}"


def write_new_file(text: str, stem: str, suffix: str, folder: Path | None = None) -> Path:
    """Write a text to a new file with mode 0600, and return its path. Raises OSError."""
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
            timeout=TMUX_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
