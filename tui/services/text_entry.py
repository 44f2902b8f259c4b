"""Input of an error text: typed or pasted into a dialog, or edited in the user's editor."""

import os
import subprocess
import tempfile
from pathlib import Path

from textual.app import SuspendNotSupported

from tui.dialogs.text_input import TextInput
from tui.shared.host import Host

HINT = "Paste a traceback or log lines, or describe the error in a sentence. Secrets are masked."


def enter_text(host: Host) -> None:
    """Ask for an error text and submit it."""
    host.push_screen(TextInput("What is the error?", HINT), lambda text: _submit(host, text))


def edit_text(host: Host) -> None:
    """Open the current text in $VISUAL or $EDITOR, and submit it if it was changed."""
    screen = host.base_screen
    text = screen.current_text if screen else ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "error.txt"
        file.write_text(text, "utf-8")
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        try:
            with host.suspend():
                subprocess.run(["sh", "-c", f'{editor} "$1"', "sh", str(file)], check=False)
        except SuspendNotSupported:
            host.show_message("this terminal cannot be suspended for an editor")
            return
        edited = file.read_text("utf-8", "replace")
    host.keys.clear()  # typed while the editor had the terminal
    if edited != text:
        _submit(host, edited)


def _submit(host: Host, text: str | None) -> None:
    if text and host.base_screen:
        host.base_screen.submit_text(text)
