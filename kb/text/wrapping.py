"""Line breaking for terminals; the only module that uses `textwrap`."""

import textwrap
from typing import Final

MIN_COLUMNS: Final = 20
"""Text is not wrapped to fewer columns, however narrow the terminal is."""
RECORD_COLUMNS: Final = 92
"""Width to which prose in the YAML records is wrapped: a line that the next word would take past this
column was broken for its width alone."""


def wrap(
    text: str,
    width: int,
    *,
    first: str = "",
    hanging: str = "",
    break_long_words: bool = True,
    break_on_hyphens: bool = False,
) -> list[str]:
    """Break one paragraph into lines of at most `width` columns; an empty text gives no line.

    `first` indents the first line and `hanging` the others; both count towards the width.
    """
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=hanging,
        break_long_words=break_long_words,
        break_on_hyphens=break_on_hyphens,
    )


def wrap_paragraphs(text: str, width: int, indent: str) -> list[str]:
    """Fill paragraphs, separated by blank lines, to a width and indent each line; long words stay whole."""
    columns = max(MIN_COLUMNS, width - len(indent))
    lines: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        parts = wrap(paragraph, columns, break_long_words=False)
        lines += [f"{indent}{part}" for part in parts] or [""]
    return lines


def wrap_lines(text: str, width: int, indent: str) -> list[str]:
    """Wrap each line of a text by itself, so that lists and indented commands keep their shape."""
    columns = max(MIN_COLUMNS, width - len(indent))
    lines: list[str] = []
    for line in rejoin_lines(text):
        parts = wrap(line, columns, hanging=_hanging_indent(line)) or [""]
        lines += [f"{indent}{part}".rstrip() for part in parts]
    return lines


def wrap_verbatim(text: str, columns: int) -> list[str]:
    """Break a line of code between words; the parts, joined, are the line again."""
    return textwrap.wrap(
        text,
        columns,
        drop_whitespace=False,
        replace_whitespace=False,
        expand_tabs=False,
        break_on_hyphens=False,
    )


def rejoin_lines(text: str) -> list[str]:
    """Return the lines of a record's text, with sentences joined that were broken at `RECORD_COLUMNS`."""
    joined: list[str] = []
    last = ""
    for line in text.strip().splitlines():
        if _continues(last, line):
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line)
        last = line
    return joined


def _continues(last: str, line: str) -> bool:
    """Return True if `last` ended only because the first word of `line` did not fit."""
    word = next(iter(line.split()), "")
    full = bool(word) and len(last) + 1 + len(word) > RECORD_COLUMNS
    return full and last[-1:] != ":" and _indent(line) == _hanging_indent(last)


def _hanging_indent(line: str) -> str:
    """Return the indent of continuation lines: the line's own, or three columns below a numbered item."""
    return _indent(line) or ("   " if line[:1].isdigit() else "")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
