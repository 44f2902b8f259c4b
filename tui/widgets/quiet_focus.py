"""Focus without a repaint of the whole widget."""

from textual import events
from textual.widget import Widget


class QuietFocus(Widget):
    """A widget that paints by itself what its focus changes.

    Textual paints all lines of a widget again when it gets or loses the focus: with two panes that is the
    whole screen, 7 KB over ssh.
    """

    def on_focus(self, event: events.Focus) -> None:
        """Take the focus."""
        event.prevent_default()
        self.has_focus = True
        if self.parent is not None:
            self.parent.post_message(events.DescendantFocus(self))
        self.paint_focus()

    def on_blur(self, event: events.Blur) -> None:
        """Give up the focus."""
        event.prevent_default()
        self.has_focus = False
        if self.parent is not None:
            self.parent.post_message(events.DescendantBlur(self))
        self.paint_focus()

    def paint_focus(self) -> None:
        """Paint the lines that look different with the focus; a text has none."""
