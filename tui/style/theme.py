"""Colours and symbols. Blue and orange differ for nearly all kinds of colour vision."""

from collections.abc import Mapping
from typing import Final

from textual.theme import Theme

from diagnostics.terminal import ASCII, GLYPHS, ROLES, Role

DARK: Final = Theme(
    name="doctor-dark",
    primary="#6cb4f5",
    background="#101418",
    surface="#101418",
    panel="#1c2733",
    foreground="#e3e6e8",
    warning="#f0c674",
    error="#ff9d4d",
    success="#6cb4f5",
    variables={"good": "#6cb4f5", "bad": "#ff9d4d", "warn": "#f0d080", "dim": "#8b98a5"},
)
LIGHT: Final = Theme(
    name="doctor-light",
    dark=False,
    primary="#0b5cad",
    background="#fbfaf7",
    surface="#fbfaf7",
    panel="#dde7f0",
    foreground="#1b1f23",
    warning="#7a5b00",
    error="#a84300",
    success="#0b5cad",
    variables={"good": "#0b5cad", "bad": "#a84300", "warn": "#7a5b00", "dim": "#5c6670"},
)
MORE_GLYPHS: Final = {
    "running": "▸", "waiting": "·", "new": "·", "cancelled": "o", "held": "~",
    "nearest": "≈", "asks": "?", "fix": "→", "escalate": "!", "green": "✓", "fixed": "✓", "interrupted": "/",
}  # fmt: skip
MORE_ASCII: Final = {
    "running": ">", "waiting": ".", "new": ".", "cancelled": "o", "held": "~",
    "nearest": "~", "asks": "?", "fix": ">", "escalate": "!", "green": "+", "fixed": "+", "interrupted": "/",
}  # fmt: skip
MORE_ROLES: Final[dict[str, Role]] = {
    "running": "strong", "waiting": "dim", "new": "dim", "cancelled": "warn", "held": "dim",
    "nearest": "dim", "asks": "warn", "fix": "strong", "escalate": "bad", "green": "good",
    "fixed": "good", "interrupted": "warn",
}  # fmt: skip
STATE_COLUMNS: Final = 11
"""Width of a symbol and the longest state beside it."""


class Symbols:
    """Symbols of states, cursor and rules, in Unicode or in ASCII."""

    def __init__(self, *, ascii_only: bool) -> None:
        self.ascii_only = ascii_only
        self.bar, self.rule, self.mark = ("|", "-", "*") if ascii_only else ("▌", "─", "●")
        self._arrows = (" ", "^", "v") if ascii_only else (" ", "↑", "↓")
        self._glyphs = {**ASCII, **MORE_ASCII} if ascii_only else {**GLYPHS, **MORE_GLYPHS}

    def state(self, word: str) -> tuple[str, Role]:
        """Return symbol and word of a state, and its role."""
        return f"{self._glyphs[word]} {word.replace('_', ' ')}", {**ROLES, **MORE_ROLES}[word]

    def glyph(self, word: str) -> str:
        """Return the symbol of a state."""
        return self._glyphs[word]

    @property
    def arrow(self) -> str:
        """The arrow from an earlier value to a later one."""
        return "->" if self.ascii_only else "→"

    def trend(self, direction: int) -> tuple[str, Role]:
        """Return arrow and role of a candidate whose rank rises (1), falls (-1) or stays (0) by evidence."""
        return self._arrows[direction], ("dim", "bad", "good")[direction]


def theme_for(environment: Mapping[str, str]) -> str:
    """Return the name of the dark theme, or of the light one if COLORFGBG names a light background."""
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT.name if background in {"7", "15"} else DARK.name
