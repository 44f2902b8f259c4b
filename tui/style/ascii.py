"""ASCII output for terminals and fonts without Unicode; each character keeps its width."""

from collections.abc import Iterable
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

REPLACEMENTS = {
    "─": "-", "━": "=", "▌": "|", "·": ".", "…": "~", "—": "-", "“": '"', "”": '"',
    "→": ">", "↑": "^", "↓": "v", **dict.fromkeys("▁▂▃▄▅▆▇█", "|"),  # the blocks are parts of scrollbars
}  # fmt: skip


class AsciiOnly(LineFilter):
    """A filter of painted lines that replaces all characters outside ASCII."""

    def apply(self, segments: Iterable[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  Textual's signature
        """Return a line in ASCII."""
        return [Segment(to_ascii(text), style, control) for text, style, control in segments]


@lru_cache(1024)
def to_ascii(text: str) -> str:
    """Return a text in ASCII, of the same width."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() else REPLACEMENTS.get(char, "?" * cell_len(char)) for char in text)
