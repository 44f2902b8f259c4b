"""One file of the site, before any builder has seen it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class File:
    """A page in Markdown, or a data file, at its place below the folder of the pages."""

    path: str
    text: str
    source: str = ""
    """What it was made from, below the root of the repository: where an edit belongs."""

    @property
    def is_page(self) -> bool:
        """Whether a builder makes HTML of it."""
        return self.path.endswith(".md")
