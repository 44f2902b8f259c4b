"""Tests of pages as a reader meets them: first screens, tabs, target, the box, weight of a first visit."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.site.shipped import FACTS
from tests.support.compressed_site import compressed
from tests.support.site_survey import PHONE, STILL, WIDE, search_for

VISIT_MAX = 400_000
"""Bytes of a first visit, compressed."""
PARTS = """() => {
  const box = document.querySelector(".cp-now");
  const place = (element) => element ? Math.round(element.getBoundingClientRect().top + scrollY) : -1;
  const lines = [...box.querySelectorAll(":scope > p")];
  const named = (name) => lines.find((line) => line.textContent.startsWith(name));
  return {
    title: place(document.querySelector("h1")),
    command: place(box.querySelector("pre")),
    copy: box.querySelectorAll(".highlight button").length,
    fix: place(box.querySelector(".cp-step")),
    mitigation: place(named("Stop the damage")),
    escalation: place(named("Escalate")),
    width: document.documentElement.scrollWidth,
  };
}"""
CUT = """() => [...document.querySelectorAll("article pre > code")]
  .filter((code) => /[│┐┘▲▼]/.test(code.textContent) && code.scrollWidth > code.clientWidth)
  .map((code) => code.textContent.trim().slice(0, 40))"""
"""Script that returns the beginning of each figure that its page cuts off."""
WRAPPED = """() => [...document.querySelectorAll("article :is(h1, h2, h3)")].filter((heading) => {
  const height = heading.offsetHeight;
  heading.querySelector(".headerlink")?.remove();
  return heading.offsetHeight !== height;
}).map((heading) => heading.textContent)"""
"""Script that returns the headings that are higher for their link."""
ERROR = "connection to server at 'db', port 5432 failed: Connection refused"


def entry_addresses() -> list[str]:
    """Return the address of every entry and of every group of causes."""
    entries = [f"/errors/{entry.id}/" for entry in FACTS.current_entries]
    return entries + [
        f"/errors/{entry.id}/{group.id}/" for entry in FACTS.current_entries for group in entry.groups
    ]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_first_screen_says_what_to_run_change_stop_and_whom_to_call(
    browser: Browser, address: str, size: ViewportSize
) -> None:
    context = browser.new_context(base_url=address, viewport=size)
    page, late = context.new_page(), {}
    for path in entry_addresses():
        page.goto(path)
        parts = page.evaluate(PARTS)
        places = [parts[name] for name in ("title", "command", "fix", "mitigation", "escalation")]
        ordered = places == sorted(places) and places[0] >= 0
        fits = places[-1] < size["height"] and parts["width"] == size["width"]
        if not (ordered and fits and parts["copy"]):
            late[path] = parts
    context.close()

    assert late == {}


def test_how_to_tell_the_causes_apart_begins_within_one_and_a_half_screens(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(base_url=address, viewport=WIDE)
    page, late = context.new_page(), {}
    for path in entry_addresses():
        page.goto(path)
        place = page.evaluate("document.querySelector('#fix, #which-cause').getBoundingClientRect().top")
        if place > 1.5 * WIDE["height"]:
            late[path] = place
    context.close()

    assert late == {}


def test_no_figure_is_cut_and_no_heading_has_an_empty_line_for_its_link(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(base_url=address, viewport=WIDE)
    page, cut, wrapped, figures = context.new_page(), {}, {}, 0
    for path in ("/architecture/", "/decisions/", "/logs/", *entry_addresses()):
        page.goto(path)
        figures += page.locator("article pre > code", has_text=re.compile("[┐┘]")).count()
        cut[path], wrapped[path] = page.evaluate(CUT), page.evaluate(WRAPPED)
    context.close()

    assert figures >= 2
    assert not any(cut.values()), cut
    assert not any(wrapped.values()), wrapped


def test_the_chosen_platform_is_remembered_over_pages(page: Page) -> None:
    page.goto("/errors/db-connection-refused/")
    page.add_style_tag(content=STILL)
    tabs = page.locator(".cp-now .tabbed-labels").first
    tabs.get_by_text("Kubernetes", exact=True).click()
    expect(page.locator(".cp-now .tabbed-block:visible").first).to_contain_text("kubectl")
    page.goto("/errors/api-invalid-token/")

    expect(page.locator(".cp-now .tabbed-block:visible").first).to_contain_text("kubectl")


def test_the_reader_s_target_stands_in_every_command_and_is_remembered(page: Page) -> None:
    page.goto("/errors/db-deadlock/")
    page.get_by_label("Target").fill("prod-eu")
    command = page.locator("#confirm-it ~ .highlight code").first
    expect(command).to_have_text("clearpay-doctor check db-deadlock --target prod-eu")
    page.goto("/errors/db-server-full/")

    expect(page.locator("#verify ~ .highlight code").first).to_have_text(
        "clearpay-doctor verify db-server-full --wait 2m --target prod-eu"
    )
    page.get_by_label("Target").fill("a b")
    expect(page.locator("#confirm-it ~ .highlight code").first).to_contain_text("--target 'a b'")
    page.get_by_label("Target").fill("")
    expect(page.locator("#confirm-it ~ .highlight code").first).not_to_contain_text("--target")


def test_the_box_has_the_focus_and_answers_with_commands_to_copy_and_the_fix(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#cp-text")).to_be_focused()
    page.get_by_label("Target").fill("prod")
    page.locator("#cp-text").fill(ERROR)
    page.get_by_role("button", name="Find the error").click()
    answer = page.locator(".cp-answer").first
    expect(answer).to_contain_text("clearpay-doctor check db-connection-refused --target prod")
    expect(answer).to_contain_text("start PostgreSQL")
    expect(answer).not_to_contain_text("`")
    answer.get_by_role("button", name="Copy").first.click()

    expect(page.locator(".md-dialog")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "clearpay-doctor check db-connection-refused --target prod"


def test_the_box_shows_the_way_of_the_chosen_platform(page: Page) -> None:
    page.goto("/")
    page.locator("#cp-text").fill(ERROR)
    page.get_by_role("button", name="Find the error").click()
    page.get_by_label("Platform").first.select_option("Docker")

    expect(page.locator(".cp-answer").first).to_contain_text("docker ps")


def test_the_box_shows_the_lines_of_a_change_of_a_file(page: Page) -> None:
    page.goto("/")
    page.locator("#cp-text").fill("timeout settings: a call may take 609 seconds")
    page.get_by_role("button", name="Find the error").click()
    answer = page.locator(".cp-answer").first

    expect(answer).to_contain_text("in config/network.py")
    expect(answer).to_contain_text('"read_timeout": 10,')
    expect(answer).not_to_contain_text("import ast")


def test_the_address_of_a_fix_leads_on_to_the_page_of_its_group(page: Page) -> None:
    page.goto("/errors/tls-certificate/#fix-tls-expired")

    expect(page).to_have_url(re.compile(r"/errors/tls-certificate/expired/#fix-tls-expired$"))


@pytest.mark.parametrize("path", ["/", "/errors/tls-certificate/", "/symptoms/", "/matrix/"])
def test_a_first_visit_weighs_little_and_loads_no_search_index(
    browser: Browser, site: Path, path: str
) -> None:
    with compressed(site) as sent:
        context = browser.new_context(base_url=sent.address, viewport=WIDE)
        page = context.new_page()
        page.goto(path, wait_until="networkidle")
        before, total = set(sent.bytes), sent.total
        search_for(page, "deadlock")
        expect(page.locator(".cp-found a").first).to_be_visible()
        context.close()

    assert "/search/search_index.json" not in before
    assert "/search/search_index.json" in sent.bytes
    assert total < VISIT_MAX, sent.bytes
