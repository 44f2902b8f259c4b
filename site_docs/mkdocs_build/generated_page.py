"""Generated pages as MkDocs files without a file on disk."""

from typing import Final, Self

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File


class GeneratedPage(File):
    """A page from memory. `mkdocs serve --dirty` builds it again only if its text has changed."""

    @classmethod
    def create(cls, config: MkDocsConfig, path: str, text: str, source: str) -> Self:
        """Create a page at a path, with the file of the repository that its edit link opens."""
        page = cls(path, None, config.site_dir, config.use_directory_urls)
        page.content_string = text
        page.edit_uri = source if config.repo_url and source else None
        return page

    def is_modified(self) -> bool:
        """Return True if the last finished build had another text for this page, or none."""
        return _built_texts.get(self.src_uri) != self.content_string

    def mark_built(self) -> None:
        """Record that the site now shows this text."""
        _built_texts[self.src_uri] = self.content_string


_built_texts: Final[dict[str, str]] = {}
