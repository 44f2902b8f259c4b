"""Each page's Markdown beside it, for programs and for people who take it along."""

from collections.abc import Mapping
from pathlib import Path


def write_twins(folder: str, texts: Mapping[str, str]) -> None:
    """Write `index.md` beside each `index.html`, or `x.md` beside `x.html`."""
    for url, text in texts.items():
        name = url.removesuffix(".html") + ".md" if url.endswith(".html") else f"{url}index.md"
        place = Path(folder) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
