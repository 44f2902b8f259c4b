"""Input of an error text: typed or pasted into a dialog, or edited in the user's editor."""

import asyncio
import os
import tempfile
from pathlib import Path

from textual.app import SuspendNotSupported

from tui.dialogs.text_input import TextInput
from tui.shared.host import Host

POLL_S = 0.1
"""Interval in which the end of the application is noticed while the editor runs."""
HINT = "Paste a traceback or log lines, or describe the error in a sentence. Secrets are masked."


def enter_text(host: Host) -> None:
    """Ask for an error text and submit it."""
    host.push_screen(TextInput("What is the error?", HINT), lambda text: _submit(host, text))


async def edit_text(host: Host) -> None:
    """Open the current text in $VISUAL or $EDITOR, and submit it if it was changed.

    The event loop goes on: a signal that ends the application also ends the editor.
    """
    screen = host.base_screen
    text = screen.current_text if screen else ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "error.txt"
        file.write_text(text, "utf-8")
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        try:
            with host.suspend():
                await _edit(host, editor, file)
        except SuspendNotSupported:
            host.show_message("this terminal cannot be suspended for an editor")
            return
        edited = file.read_text("utf-8", "replace")
    host.keys.clear()  # typed while the editor had the terminal
    if edited != text and not host.has_ended:
        _submit(host, edited)


async def _edit(host: Host, editor: str, file: Path) -> None:
    """Run the editor until it ends, or the application does."""
    process = await asyncio.create_subprocess_exec("sh", "-c", f'{editor} "$1"', "sh", str(file))
    ended = asyncio.create_task(process.wait())
    while not ended.done() and not host.has_ended:
        await asyncio.wait({ended}, timeout=POLL_S)
    if not ended.done():
        process.terminate()
        await ended


def _submit(host: Host, text: str | None) -> None:
    if text and host.base_screen:
        host.base_screen.submit_text(text)
