"""Markdown copies of the pages, for programs and for readers who copy a page."""

import re
from collections.abc import Mapping
from pathlib import Path

_SPAN = re.compile(r'<span class="cp-[^"]*">(.*?)</span>')
"""Element of a badge or of a list's names, whose text stays."""
_FENCE = re.compile(r" *(?:`{3,}|~{3,})")


def write_markdown_copies(folder: str, markdown: Mapping[str, str]) -> None:
    """Write each page at its path among the sources, so that its links lead to other copies."""
    for name, text in markdown.items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(without_layout(text), "utf-8")


def without_layout(markdown: str) -> str:
    """Return Markdown without the HTML that only carries the layout of the page."""
    lines: list[str] = []
    fenced = False
    for line in markdown.split("\n"):
        fenced ^= bool(_FENCE.match(line))
        if fenced or not line.lstrip().startswith("<"):
            lines.append(line if fenced else _SPAN.sub(r"\1", line))
    kept = (line for number, line in enumerate(lines) if line or (number and lines[number - 1]))
    return "\n".join(kept).lstrip("\n")
