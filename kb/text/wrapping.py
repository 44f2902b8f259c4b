"""Prose broken into lines for a terminal; commands and lists keep their shape."""

import textwrap

NARROWEST = 20
"""Columns below which no line is broken further."""
RECORDS_WIDTH = 92
"""A record's line is full where its next word would pass this column: the break has no meaning then."""


def wrapped(text: str, width: int, indent: str) -> list[str]:
    """Paragraphs filled to a width, each line indented; long words and commands stay whole."""
    lines: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        room = max(NARROWEST, width - len(indent))
        parts = textwrap.wrap(paragraph, room, break_long_words=False, break_on_hyphens=False)
        lines += [f"{indent}{part}" for part in parts] or [""]
    return lines


def lines_wrapped(text: str, width: int, indent: str) -> list[str]:
    """Each line of a text wrapped by itself: lists and indented commands keep their shape."""
    lines: list[str] = []
    for line in rejoined(text):
        room = max(NARROWEST, width - len(indent))
        parts = textwrap.wrap(line, room, subsequent_indent=_hanging(line), break_on_hyphens=False) or [""]
        lines += [f"{indent}{part}".rstrip() for part in parts]
    return lines


def rejoined(text: str) -> list[str]:
    """The lines of a text, with sentences that the record's own width broke whole again."""
    joined: list[str] = []
    last = ""
    for line in text.strip().splitlines():
        if _goes_on(last, line):
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line)
        last = line
    return joined


def _goes_on(last: str, line: str) -> bool:
    """Whether a line broke off only because the next word had no room."""
    word = next(iter(line.split()), "")
    full = bool(word) and len(last) + 1 + len(word) > RECORDS_WIDTH
    return full and last[-1:] != ":" and _indent(line) == _hanging(last)


def _hanging(line: str) -> str:
    """What the rest of a line is indented by: as the line, or below the words of a numbered one."""
    return _indent(line) or ("   " if line[:1].isdigit() else "")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
