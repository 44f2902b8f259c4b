"""Code spans in the prose of records: commands between backticks, as in Markdown (CommonMark 6.1).

A command that contains backticks stands between longer runs of them. All functions are linear in the text.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_RUNS: Final = re.compile("`+")


class Span(NamedTuple):
    """A part of a text: prose, or a command without its backticks."""

    text: str
    is_code: bool = False
    source: str = ""
    """The command with its backticks, as the text has it; empty for prose."""


def spans(text: str) -> Iterator[Span]:
    """Yield the parts of a text in order. A run of backticks without a second of its length is prose."""
    runs = [(match.start(), match.end()) for match in _RUNS.finditer(text)]
    closing = _closing_runs(runs)
    position = number = 0
    while number < len(runs):
        start, end = runs[number]
        other = closing[number]
        if other is None:
            number += 1
            continue
        if start > position:
            yield Span(text[position:start])
        yield Span(_unpadded(text[end : runs[other][0]]), is_code=True, source=text[start : runs[other][1]])
        position, number = runs[other][1], other + 1
    if position < len(text):
        yield Span(text[position:])


def only_command(text: str) -> str:
    """Return the command of a text that is one code span and nothing else; empty for another text."""
    stripped = text.strip()
    if not stripped.startswith("`"):
        return ""
    parts = list(spans(stripped))
    return parts[0].text if len(parts) == 1 and parts[0].is_code else ""


def _closing_runs(runs: list[tuple[int, int]]) -> list[int | None]:
    """Return for each run of backticks the number of the next one of the same length."""
    following: dict[int, int] = {}
    closing: list[int | None] = [None] * len(runs)
    for number in range(len(runs) - 1, -1, -1):
        length = runs[number][1] - runs[number][0]
        closing[number] = following.get(length)
        following[length] = number
    return closing


def _unpadded(text: str) -> str:
    """Remove the space on both sides that separates backticks of the command from those around it."""
    text = text.replace("\n", " ")
    return text[1:-1] if text.startswith(" ") and text.endswith(" ") and text.strip() else text
