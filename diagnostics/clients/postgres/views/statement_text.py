"""Statements of other sessions in a form that is safe to show: no literals, no comments, one line."""

import re

MAX_CHARS = 200
TOKENS = re.compile(
    r"--[^\n]*|/\*.*?(?:\*/|$)"  # comments
    r"|[eE]'(?:[^'\\]|\\.|'')*(?:'|$)"  # E'...': a backslash escapes
    r"|'(?:[^']|'')*(?:'|$)"  # a text; one that was cut off ends with the statement
    r"|\$(\w*)\$.*?(?:\$\1\$|$)"  # $tag$...$tag$
    r"|(?<![\w$])\d[\w.]*",  # a number, but not t1 or $1
    re.DOTALL,
)


def masked(statement: str) -> str:
    """Return a statement with ? for every literal and without comments, on one line."""
    text = TOKENS.sub(lambda token: " " if token[0].startswith(("--", "/*")) else "?", statement)
    return " ".join(text.split())


def normalised(statement: str) -> str:
    """Return a masked statement, cut to 200 characters."""
    line = masked(statement)
    return line if len(line) <= MAX_CHARS else line[: MAX_CHARS - 1] + "…"
