"""Pastes into a dialog that has no place for a text: it is left, and the text is diagnosed."""

from textual import events
from textual.screen import ModalScreen


class PasteLeaves(ModalScreen[str]):
    """A dialog that a paste of several lines leaves, as `esc` does; the screen below gets the text."""

    def on_paste(self, event: events.Paste) -> None:
        """Leave the dialog, and give the text to the screen below."""
        below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        if below and len(event.text.strip().splitlines()) > 1:
            event.stop()
            self.dismiss("")
            below.post_message(events.Paste(event.text))
