"""Line breaking for terminals; the only module that uses `textwrap`.

Prose is broken between words. A command, which prose has as a code span, is never broken: copied from a
terminal it would be another command.
"""

import textwrap
from typing import Final

from kb.text.code_spans import only_command, spans

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

    `first` indents the first line and `hanging` the others; both count towards the width. A word with a code
    span stays whole, and its line may be longer.
    """
    wrapper = _Wrapper if "`" in text else textwrap.TextWrapper
    return wrapper(
        width,
        initial_indent=first,
        subsequent_indent=hanging,
        break_long_words=break_long_words,
        break_on_hyphens=break_on_hyphens,
    ).wrap(text)


class _Wrapper(textwrap.TextWrapper):
    """Line breaking with code spans as parts of words."""

    def _split(self, text: str) -> list[str]:
        """Return the words and the white space between them."""
        chunks: list[str] = []
        for part in spans(text):
            self._add(chunks, [part.source] if part.is_code else super()._split(part.text))
        return chunks

    @staticmethod
    def _add(chunks: list[str], following: list[str]) -> None:
        """Append chunks; the first one belongs to the word that the last one has begun."""
        if chunks and following and chunks[-1].strip() and following[0].strip():
            chunks[-1] += following[0]
            following = following[1:]
        chunks += following

    def _handle_long_word(
        self, reversed_chunks: list[str], cur_line: list[str], cur_len: int, width: int
    ) -> None:
        """Put a word that is longer than a line on a line of its own if it has a code span."""
        if "`" not in reversed_chunks[-1]:
            super()._handle_long_word(reversed_chunks, cur_line, cur_len, width)
        elif not cur_line:
            cur_line.append(reversed_chunks.pop())


def wrap_paragraphs(text: str, width: int, indent: str) -> list[str]:
    """Fill paragraphs, separated by blank lines, to a width and indent each line; long words stay whole."""
    columns = max(MIN_COLUMNS, width - len(indent))
    lines: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        parts = wrap(paragraph, columns, break_long_words=False)
        lines += [f"{indent}{part}" for part in parts] or [""]
    return lines


def wrap_lines(text: str, width: int, indent: str, *, rejoin: bool = True) -> list[str]:
    """Wrap each line of a text by itself, so that lists keep their shape.

    A command that has a line of its own loses its backticks, and stays whole. `rejoin` first joins sentences
    that the record broke at its own width; the lines of a message to send are meant as they are.
    """
    columns = max(MIN_COLUMNS, width - len(indent))
    lines: list[str] = []
    for line in rejoin_lines(text) if rejoin else text.strip().splitlines():
        if command := only_command(line):
            parts = [f"{_indent(line)}{command}"]
        else:
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
    if only_command(last) or only_command(line):
        return False
    full = bool(word) and len(last) + 1 + len(word) > RECORD_COLUMNS
    return full and last[-1:] != ":" and _indent(line) == _hanging_indent(last)


def _hanging_indent(line: str) -> str:
    """Return the indent of continuation lines: the line's own, or three columns below a numbered item."""
    return _indent(line) or ("   " if line[:1].isdigit() else "")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
