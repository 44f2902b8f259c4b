"""The adapter for MkDocs: pages that are no files, and a server that outlives a broken record."""

from pathlib import Path
from typing import Any, Literal

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from watchdog.observers.polling import PollingObserver

from site_docs import facts
from site_docs.generate import generate
from site_docs.mkdocs_build.generated_page import Virtual
from site_docs.mkdocs_build.live_facts import read_facts
from site_docs.mkdocs_build.markdown_copies import write_twins
from site_docs.mkdocs_build.minify import slim_code, slim_page
from site_docs.mkdocs_build.search_index import keep_whole
from site_docs.screens import FOLDER, read_screens, with_screens

PAGES = "site_docs/pages"
WATCHED = ("kb", "diagnostics/probes", "site_docs/proof", FOLDER, "CHANGELOG.md")
LOOKS = 0.2
"""Seconds between two looks at what is watched; MkDocs takes 0.5."""
_serving = False


def on_startup(command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
    """Remember whether a person is watching."""
    del dirty
    global _serving  # noqa: PLW0603  MkDocs hands nothing from one event to the next
    _serving = command == "serve"


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is generated, and the screens to pages that show them; before any plugin looks at them."""
    _made.clear()
    _built.clear()
    screens = read_screens(facts.ROOT)
    for page in files.documentation_pages():
        page.edit_uri = f"{PAGES}/{page.src_uri}"
        if FOLDER in page.content_string:
            text = with_screens(page.content_string, screens)
            files.remove(page)
            _made.append(Virtual.of(config, page.src_uri, text, page.edit_uri))
    _made.extend(Virtual.of(config, one.path, one.text, one.source) for one in generate(_facts()).values())
    for made in _made:
        files.append(made)
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Keep the text of a page for its twin."""
    _texts[page.url] = markdown
    return markdown


def on_page_content(html: str, **_: Any) -> str:
    """Take marks without meaning out of code."""
    return slim_code(html)


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Take the theme's indents out of the page."""
    _built.add(page.url)
    return slim_page(output)


def on_post_build(config: MkDocsConfig) -> None:
    """Write the Markdown twins beside the pages; the next build of a served site starts from here."""
    write_twins(config.site_dir, _texts)
    if _serving:
        keep_whole(config.site_dir, _built)
    for made in _made:
        made.remember()


def on_serve(server: LiveReloadServer, config: MkDocsConfig, **_: Any) -> LiveReloadServer:
    """Reload when a record, a probe, the proof or a page changes."""
    watched = [path for path in (config.docs_dir, config.config_file_path) if path]
    for path in watched:
        server.unwatch(path)
    server.observer = PollingObserver(timeout=LOOKS)
    for path in (*watched, *(str(facts.ROOT / name) for name in WATCHED)):
        if Path(path).exists():
            server.watch(path)
    return server


_texts: dict[str, str] = {}
_made: list[Virtual] = []
_built: set[str] = set()


def _facts() -> facts.Facts:
    return read_facts() if _serving else facts.load_facts()
