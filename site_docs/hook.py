"""The adapter for MkDocs: pages that are no files, and a server that outlives a broken record."""

from typing import Any, Literal

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File as Virtual
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from site_docs import facts
from site_docs.generate import generate
from site_docs.screens import FOLDER, read_screens, with_screens
from site_docs.slim import slim_code, slim_frame
from site_docs.twins import write_twins
from site_docs.watched import read_facts

WATCHED = ("kb", "diagnostics/probes", "site_docs/proof", "site_docs/pages", FOLDER, "CHANGELOG.md")
_serving = False


def on_startup(command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
    """Remember whether a person is watching."""
    del dirty
    global _serving  # noqa: PLW0603  MkDocs hands nothing from one event to the next
    _serving = command == "serve"


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is generated; before any plugin looks at the files."""
    for made in generate(_facts()).values():
        virtual = Virtual.generated(config, made.path, content=made.text)
        virtual.edit_uri = made.source if config.repo_url and made.source else None
        files.append(virtual)
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Show the screens of a page, and keep its text for its twin."""
    text = with_screens(markdown, read_screens(facts.ROOT)) if FOLDER in markdown else markdown
    _texts[page.url] = text
    return text


def on_page_content(html: str, **_: Any) -> str:
    """Take marks without meaning out of code."""
    return slim_code(html)


def on_post_page(output: str, **_: Any) -> str:
    """Take the theme's indents out of the page."""
    return slim_frame(output)


def on_post_build(config: MkDocsConfig) -> None:
    """Write the Markdown twins beside the pages."""
    write_twins(config.site_dir, _texts)


def on_serve(server: LiveReloadServer, **_: Any) -> LiveReloadServer:
    """Reload when a record, a probe, the proof or a page changes."""
    for path in WATCHED:
        if (facts.ROOT / path).exists():
            server.watch(str(facts.ROOT / path))
    return server


_texts: dict[str, str] = {}


def _facts() -> facts.Facts:
    return read_facts() if _serving else facts.load_facts()
