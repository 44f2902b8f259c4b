"""Statements of other sessions in a form that is safe to show: no literals, no comments, one line.

The tokens are those of PostgreSQL's lexer (chapter 4.1 of its manual). A statement that was cut off
ends within a token, which is treated as if it ended there.
"""

import re

MAX_CHARS = 200
TOKENS = re.compile(
    r"(?P<comment>--[^\n]*)"
    r"|(?P<block>/\*)"
    r'|(?P<identifier>(?:[uU]&)?"(?:[^"]|"")*(?:"|$))'
    r"|(?P<escaped>[eE]'(?:[^'\\]|\\.|'')*(?:'|$))"
    r"|(?P<text>(?:[uU]&|[bBxXnN])?'(?:[^']|'')*(?:'|$))"
    r"|(?P<dollar>(?<![\w$])\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|$))"
    r"|(?P<number>(?<![\w$.])\.?\d[\w.]*)",
    re.DOTALL,
)
NESTING = re.compile(r"/\*|\*/")
MASK = "?"


def masked(statement: str) -> str:
    """Return a statement with ? for every literal and without comments, on one line.

    A quoted identifier stays, whatever characters it has. A backslash before a quote makes the end of a text
    uncertain: a server with `standard_conforming_strings = off` goes on there. The rest is masked then.
    """
    out, position = [], 0
    while token := TOKENS.search(statement, position):
        out.append(statement[position : token.start()])
        position = token.end()
        if token["block"]:
            position = _end_of_comment(statement, position)
            out.append(" ")
        elif token["text"] and "\\'" in token["text"]:
            return _one_line([*out, MASK])
        else:
            out.append(token["identifier"] or (" " if token["comment"] else MASK))
    return _one_line([*out, statement[position:]])


def normalised(statement: str) -> str:
    """Return a masked statement, cut to 200 characters."""
    line = masked(statement)
    return line if len(line) <= MAX_CHARS else line[: MAX_CHARS - 1] + "…"


def _one_line(parts: list[str]) -> str:
    return " ".join("".join(parts).split())


def _end_of_comment(statement: str, position: int) -> int:
    """Return the position behind a comment whose beginning ends at `position`; comments nest."""
    depth = 1
    for mark in NESTING.finditer(statement, position):
        depth += 1 if mark[0] == "/*" else -1
        if not depth:
            return mark.end()
    return len(statement)
