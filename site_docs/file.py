"""A generated file of the site, independent of the builder."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class File:
    """A Markdown page or a data file, with its path below the folder of the pages."""

    path: str
    text: str
    source: str = ""
    """File of the repository that it is generated from, for the edit link; empty without one."""

    @property
    def is_page(self) -> bool:
        """True for Markdown, which a builder turns into HTML."""
        return self.path.endswith(".md")
