"""Tests of the exported project with Zensical, the successor of the site's builder, which has no hooks."""

import os
import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from site_docs.export import export_project
from tests.site.conftest import PATIENCE
from tests.site.shipped import FACTS
from tests.support.compressed_site import compressed

pytestmark = pytest.mark.site

ENTRY = re.compile(r"<article[^>]*>(.*)</article>", re.DOTALL)
FRAME = re.compile(
    r'<p class="cp-foot">.*?</p>|<script.*?</script>|<nav class="md-code__nav.*?</nav>', re.DOTALL
)


class _Text(HTMLParser):
    """Visible text of a page's article."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        article = ENTRY.search(html)
        self.feed(FRAME.sub("", article[1] if article else ""))

    def handle_data(self, data: str) -> None:
        """Collect text."""
        self.parts.append(data)


def text_of(path: Path) -> str:
    return re.sub(r"[\s¶]+", "", unescape("".join(_Text(path.read_text("utf-8")).parts)))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zensical")
    export_project(folder, FACTS)
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


def test_every_page_has_the_same_text(built: Path, site: Path) -> None:
    pages = [path.relative_to(site) for path in site.rglob("index.html")]
    different = [str(path) for path in pages if text_of(built / path) != text_of(site / path)]

    assert len(pages) > len(FACTS.entries) + len(FACTS.probes)
    assert different == []


def test_the_box_works_and_nothing_is_loaded_from_elsewhere(built: Path, browser: Browser) -> None:
    with compressed(built) as sent:
        context = browser.new_context(base_url=sent.address)
        page, requested, problems = context.new_page(), [], []
        page.on("request", lambda request: requested.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto("/")
        page.locator("#cp-text").fill("FATAL:  sorry, too many clients already")
        page.get_by_role("button", name="Find the error").click()
        expect(page.locator(".cp-answer").first).to_contain_text("db-server-full")
        context.close()

        assert not [url for url in requested if not url.startswith((sent.address, "data:", "blob:"))]
        assert problems == []
