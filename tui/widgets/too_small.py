"""The notice in a terminal that is too small."""

from typing import Final

from textual.content import Content
from textual.widget import Widget

from tui.style.safe_text import safe, stacked

MIN_COLUMNS: Final = 60
MIN_LINES: Final = 16


class TooSmall(Widget):
    """A notice that covers the screen, whose state is kept."""

    DEFAULT_CSS = """
    TooSmall {
        layer: above;
        position: absolute;
        width: 100%;
        height: 100%;
        display: none;
        background: $background;
        content-align: center middle;
        text-align: center;
    }
    """

    def render(self) -> Content:
        """Return the current and the required size."""
        size = self.app.size
        return stacked(
            [
                safe(f"This terminal has {size.width} x {size.height} characters.", "strong"),
                safe(f"{MIN_COLUMNS} x {MIN_LINES} are needed."),
                safe(""),
                safe("Enlarge it, or make its font smaller. The screen is kept.", "dim"),
                safe("q quits.", "dim"),
            ]
        )
