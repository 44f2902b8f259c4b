"""The one door of text to the terminal: what comes from outside loses its escapes and is never markup."""

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.content import Content

from diagnostics.terminal import Role
from kb.text.sanitize import one_line

STYLES: dict[Role | None, str] = {
    None: "",
    "good": "$good",
    "bad": "bold $bad",
    "warn": "$warn",
    "dim": "$dim",
    "strong": "bold",
}
"""What a role looks like; the colours are variables of the theme."""


def safe(text: str, role: Role | None = None) -> Content:
    """One line of text in a role's colour. `[red]` and escapes show as characters or not at all."""
    return Content.styled(one_line(text), STYLES[role])


def stacked(lines: Iterable[Content]) -> Content:
    """Lines below each other."""
    return Content("\n").join(lines)


def segment(text: str, style: Style) -> Segment:
    """A piece of a row."""
    return Segment(one_line(text), style)
