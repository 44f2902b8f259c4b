"""Markdown copies of the pages, for programs and for readers who copy a page."""

from collections.abc import Mapping
from pathlib import Path


def write_markdown_copies(folder: str, markdown: Mapping[str, str]) -> None:
    """Write `index.md` beside each `index.html`, or `x.md` beside `x.html`, from Markdown by page URL."""
    for url, text in markdown.items():
        name = url.removesuffix(".html") + ".md" if url.endswith(".html") else f"{url}index.md"
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
