"""Escaping of untrusted text for Markdown."""

import re
from collections.abc import Callable

from kb.text.code_spans import spans

SPECIAL = re.compile(r"[\\`*_\[\]#!]")
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "~": "&#126;"})
"""Characters for which some Markdown parsers ignore the backslash; HTML entities work in all of them."""


def escaped(text: str) -> str:
    """Escape a text so that Markdown shows it literally."""
    return SPECIAL.sub(r"\\\g<0>", text).translate(ENTITIES)


def prose(text: str, escape: Callable[[str], str] = escaped) -> str:
    """Format a text of a record: its code spans stay code, and `escape` makes the rest literal."""
    return "".join(code_span(part.text) if part.is_code else escape(part.text) for part in spans(text))


def code_span(text: str) -> str:
    """Format a text as a code span, fenced by more backticks than it contains (CommonMark 6.1)."""
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def code_block(text: str, language: str = "") -> str:
    """Format a text as a code block, fenced by more backticks than it contains (CommonMark 4.5)."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
