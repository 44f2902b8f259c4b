"""Tests of the site's own search: queries as people type them, each with the page that comes first."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.site_survey import search_for

QUERIES = Path(__file__).with_name("queries.txt")
FOUND = ".cp-found .md-search-result__link"


def queries() -> list[tuple[str, set[str]]]:
    """Return each query with the pages of which one must come first."""
    lines = [line for line in QUERIES.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return [(query, set(pages.split(", "))) for query, _, pages in (line.partition(" | ") for line in lines)]


def test_every_query_finds_its_page_first(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/exit-codes/")
    search_for(page, "deadlock")
    expect(page.locator(FOUND).first).to_be_visible()
    texts = [query for query, _ in queries()]
    found = page.evaluate(
        "(texts) => texts.map((text) => clearpay.find(text).map(({page}) => page.path))", texts
    )
    context.close()

    assert len(texts) >= 60
    lost = {
        query: paths[:2]
        for (query, wanted), paths in zip(queries(), found, strict=True)
        if not paths or paths[0] not in wanted
    }
    assert lost == {}


def test_an_answer_of_the_site_stands_above_the_results_and_enter_opens_it(page: Page) -> None:
    page.goto("/exit-codes/")
    search_for(page, "too many clients")
    expect(page.locator(FOUND).first).to_contain_text("too many clients already")
    expect(page.locator(FOUND).first).to_contain_text("db-server-full")
    expect(page.locator(".cp-found")).not_to_contain_text("has the words")
    expect(page.locator(".md-search-result__link").first).to_have_attribute(
        "href", re.compile("db-server-full")
    )
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/errors/db-server-full/"))


def test_a_query_without_an_answer_leaves_the_theme_s_results(page: Page) -> None:
    page.goto("/exit-codes/")
    search_for(page, "SIGTERM")
    page.locator("input.md-search__input").fill("xyzzy")

    expect(page.locator(FOUND)).to_have_count(0)


def test_every_address_and_heading_of_the_search_exists(browser: Browser, address: str, site: Path) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/exit-codes/")
    search_for(page, "deadlock")
    expect(page.locator(FOUND).first).to_be_visible()
    pages = page.evaluate(
        "clearpay.terms.map(({path, headings}) => [path, (headings ?? []).map(([id]) => id)])"
    )
    context.close()
    missing = []
    for path, anchors in pages:
        file = site / re.sub(r"(^|/)index$", r"\1", path) / "index.html"
        text = file.read_text("utf-8")
        missing += [f"{path}#{anchor}" for anchor in anchors if f'id="{anchor}"' not in text]

    assert len(pages) > 80
    assert missing == []


@pytest.mark.parametrize("query", ["certifcate", "deadlok", "wehbook"])
def test_a_typing_error_is_understood_while_typing(page: Page, query: str) -> None:
    page.goto("/exit-codes/")
    search_for(page, "deadlock")
    page.locator("input.md-search__input").fill(query)

    expect(page.locator(FOUND).first).to_be_visible()
