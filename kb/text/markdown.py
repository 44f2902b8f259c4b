"""Text that comes from outside, made safe for Markdown."""

import re

SPECIAL = re.compile(r"[\\`*_\[\]#!]")
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "~": "&#126;"})
"""Not every reader of Markdown lets a backslash escape these; entities work in all."""


def escaped(text: str) -> str:
    """The text as Markdown that shows it literally."""
    return SPECIAL.sub(r"\\\g<0>", text).translate(ENTITIES)


def code_span(text: str) -> str:
    """The text in a code span whose fence no backtick within can end (CommonMark 6.1)."""
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def code_block(text: str, language: str = "") -> str:
    """The text in a fenced block whose fence is longer than any within (CommonMark 4.5)."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
