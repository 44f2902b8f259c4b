"""Prose broken into lines for a terminal; commands and lists keep their shape."""

import textwrap

NARROWEST = 20
"""Columns below which no line is broken further."""


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
    for line in text.strip().splitlines():
        own = line[: len(line) - len(line.lstrip())]
        hanging = own or ("   " if line[:1].isdigit() else "")
        room = max(NARROWEST, width - len(indent))
        parts = textwrap.wrap(line, room, subsequent_indent=hanging, break_on_hyphens=False) or [""]
        lines += [f"{indent}{part}".rstrip() for part in parts]
    return lines
