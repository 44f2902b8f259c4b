"""MkDocs hook: adds the generated pages, and keeps a served site running while records are edited."""

from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext
from watchdog.observers.polling import PollingObserver

from site_docs import facts
from site_docs.generate import generate
from site_docs.mkdocs_build.generated_page import GeneratedPage
from site_docs.mkdocs_build.live_facts import load_live_facts
from site_docs.mkdocs_build.markdown_copies import write_markdown_copies
from site_docs.mkdocs_build.search_index import merge_search_index
from site_docs.mkdocs_build.small_html import drop_blank_lines, drop_plain_tokens
from site_docs.screens import FOLDER, embed_screens, read_screens

PAGES = "site_docs/pages"
WATCHED = ("kb", "diagnostics/probes", "site_docs/proof", FOLDER, "CHANGELOG.md")
POLL_INTERVAL_S = 0.2
"""Seconds between two polls of the watched folders; the default of MkDocs is 0.5."""
_serving = False


def on_startup(command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
    """Note whether MkDocs serves the site or builds it once, and set up the highlighter."""
    del dirty
    drop_plain_tokens()
    global _serving  # noqa: PLW0603  MkDocs passes no state from one event to the next
    _serving = command == "serve"


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated files and embed the screens in handwritten pages, before any plugin reads them."""
    _generated.clear()
    _built_urls.clear()
    screens = read_screens(facts.ROOT)
    for page in files.documentation_pages():
        page.edit_uri = f"{PAGES}/{page.src_uri}"
        if FOLDER in page.content_string:
            text = embed_screens(page.content_string, screens)
            files.remove(page)
            _generated.append(GeneratedPage.create(config, page.src_uri, text, page.edit_uri))
    files_to_add = generate(_load_facts()).values()
    _generated.extend(
        GeneratedPage.create(config, file.path, file.text, file.source) for file in files_to_add
    )
    for generated in _generated:
        files.append(generated)
    return files


def on_env(env: Environment, **_: Any) -> Environment:
    """Leave out the blank lines of the theme's templates."""
    drop_blank_lines(env)
    return env


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Keep the Markdown of a page for its copy in the site."""
    _markdown[page.file.src_uri] = markdown
    return markdown


def on_page_context(context: TemplateContext, page: Page, **_: Any) -> TemplateContext:
    """Tell the template where the Markdown copy of a page is, and remember that the page was built."""
    context["markdown_copy"] = page.file.src_uri  # type: ignore[typeddict-unknown-key]
    _built_urls.add(page.url)
    return context


def on_post_build(config: MkDocsConfig) -> None:
    """Write the Markdown copies; while serving, also keep state for the next, partial build."""
    write_markdown_copies(config.site_dir, _markdown)
    if _serving:
        merge_search_index(config.site_dir, _built_urls)
    for generated in _generated:
        generated.mark_built()


def on_serve(server: LiveReloadServer, config: MkDocsConfig, **_: Any) -> LiveReloadServer:
    """Reload when a record, a probe, the proof or a page changes."""
    watched = [path for path in (config.docs_dir, config.config_file_path) if path]
    for path in watched:
        server.unwatch(path)
    server.observer = PollingObserver(timeout=POLL_INTERVAL_S)
    for path in (*watched, *(str(facts.ROOT / name) for name in WATCHED)):
        if Path(path).exists():
            server.watch(path)
    return server


_markdown: dict[str, str] = {}
_generated: list[GeneratedPage] = []
_built_urls: set[str] = set()


def _load_facts() -> facts.Facts:
    return load_live_facts() if _serving else facts.load_facts()
