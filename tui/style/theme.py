"""Colours and symbols. Blue and orange stay apart for nearly every eye; a word always says the same."""

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
    "running": "▸", "waiting": "·", "new": "·", "cancelled": "x", "held": "~",
    "nearest": "≈", "asks": "?", "fix": "→", "escalate": "!", "green": "✓",
}  # fmt: skip
MORE_ASCII: Final = {
    "running": ">", "waiting": ".", "new": ".", "cancelled": "x", "held": "~",
    "nearest": "~", "asks": "?", "fix": ">", "escalate": "!", "green": "+",
}  # fmt: skip
MORE_ROLES: Final[dict[str, Role]] = {
    "running": "strong", "waiting": "dim", "new": "dim", "cancelled": "warn", "held": "dim",
    "nearest": "dim", "asks": "warn", "fix": "strong", "escalate": "bad", "green": "good",
}  # fmt: skip
LONGEST_STATE: Final = 11
"""Columns of a symbol and the longest word beside it."""


class Symbols:
    """What stands for a state, a cursor, a rule: Unicode, or ASCII where the terminal has no more."""

    def __init__(self, *, ascii_only: bool) -> None:
        self.ascii_only = ascii_only
        self.bar, self.rule, self.mark = ("|", "-", "*") if ascii_only else ("▌", "─", "●")
        self._arrows = (" ", "^", "v") if ascii_only else (" ", "↑", "↓")
        self._glyphs = {**ASCII, **MORE_ASCII} if ascii_only else {**GLYPHS, **MORE_GLYPHS}

    def state(self, word: str) -> tuple[str, Role]:
        """A state as symbol and word, and its role."""
        return f"{self._glyphs[word]} {word.replace('_', ' ')}", {**ROLES, **MORE_ROLES}[word]

    def trend(self, way: int) -> tuple[str, Role]:
        """Where evidence moves a candidate, as an arrow and its role."""
        return self._arrows[way], ("dim", "bad", "good")[way]


def theme_for(environment: Mapping[str, str]) -> str:
    """Dark, unless the terminal says by COLORFGBG that its background is light."""
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT.name if background in {"7", "15"} else DARK.name
