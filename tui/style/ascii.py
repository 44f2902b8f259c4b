"""The screen in ASCII, for terminals and fonts without more: each character keeps its columns."""

from collections.abc import Iterable
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

KNOWN = {
    "─": "-", "━": "=", "▌": "|", "·": ".", "…": "~", "—": "-", "“": '"', "”": '"',
    "→": ">", "↑": "^", "↓": "v", **dict.fromkeys("▁▂▃▄▅▆▇█", "|"),  # the last are of scrollbars
}  # fmt: skip


class AsciiOnly(LineFilter):
    """Replaces what is not ASCII in everything that is painted, whoever painted it."""

    def apply(self, segments: Iterable[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  its protocol
        """The same line in ASCII."""
        return [Segment(ascii_of(text), style, control) for text, style, control in segments]


@lru_cache(1024)
def ascii_of(text: str) -> str:
    """A text in ASCII, as wide as it was."""
    if text.isascii():
        return text
    return "".join(one if one.isascii() else KNOWN.get(one, "?" * cell_len(one)) for one in text)
