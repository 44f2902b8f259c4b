"""Conversion of all text to Textual content: escape sequences are removed, markup is not interpreted."""

from collections.abc import Iterable
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.content import Content

from diagnostics.terminal import Role
from kb.text.sanitize import one_line, strip_controls

ROLES: Final[tuple[Role, ...]] = ("good", "bad", "warn", "dim", "strong")
STYLES: dict[Role | None, str] = {
    None: "",
    "good": "$good",
    "bad": "bold $bad",
    "warn": "$warn",
    "dim": "$dim",
    "strong": "bold",
}
"""Styles of roles; the colours are variables of the theme."""


def safe(text: str, role: Role | None = None) -> Content:
    """Return one line of text in the style of a role; `[red]` is shown as it is, escapes are removed."""
    return Content.styled(one_line(text), STYLES[role])


def stacked(lines: Iterable[Content]) -> Content:
    """Return lines below each other."""
    return Content("\n").join(lines)


def segment(text: str, style: Style, *, whole: bool = False) -> Segment:
    """Return a styled piece of a row, without escapes; a long one is cut, except for `whole`."""
    return Segment(" ".join(strip_controls(text).splitlines()) if whole else one_line(text), style)
