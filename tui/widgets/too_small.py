"""What a terminal that is too small shows instead: what it has, what is needed."""

from typing import Final

from textual.content import Content
from textual.widget import Widget

from tui.style.safe_text import safe, stacked

COLUMNS: Final = 70
LINES: Final = 18


class TooSmall(Widget):
    """Lies over everything else, which keeps its state below."""

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
        """The two sizes."""
        size = self.app.size
        return stacked(
            [
                safe(f"This terminal has {size.width} x {size.height} characters.", "strong"),
                safe(f"{COLUMNS} x {LINES} are needed."),
                safe(""),
                safe("Enlarge it, or make its font smaller. Nothing is lost.", "dim"),
                safe("q quits.", "dim"),
            ]
        )
