"""Pages that are no files, for MkDocs."""

from typing import Final, Self

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File


class Virtual(File):
    """A page made by us. `mkdocs serve --dirty` builds it again only if its text has changed."""

    @classmethod
    def of(cls, config: MkDocsConfig, path: str, text: str, source: str) -> Self:
        """A page at its place, with the file of the repository where an edit belongs."""
        made = cls(path, None, config.site_dir, config.use_directory_urls)
        made.content_string = text
        made.edit_uri = source if config.repo_url and source else None
        return made

    def is_modified(self) -> bool:
        """Whether the last build that came to its end had another text, or none."""
        return _built.get(self.src_uri) != self.content_string

    def remember(self) -> None:
        """Note that this text is what the site shows."""
        _built[self.src_uri] = self.content_string


_built: Final[dict[str, str]] = {}
