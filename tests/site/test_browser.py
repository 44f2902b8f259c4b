"""The site in a browser: the box, search, tabs, copying, themes, disks, phones, keyboards, screen readers."""

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from kb.compile import compile_index
from kb.loader import load_entries
from kb.matcher import match
from kb.text import clean
from site_docs.facts import load_facts
from tests.match_score import PARTS, texts

pytestmark = pytest.mark.xdist_group("site")
ENTRY = "/errors/db-credential-rotation/"
KINDS = ("/", ENTRY, "/symptoms/", "/modules/", "/probes/", "/probes/login/", "/by-trouble/",
    "/runbooks/payments-failing/", "/tui/", "/commands/",
    "/target-file/", "/exit-codes/", "/matrix/", "/changes/", "/errors/", "/schemas/", "/glossary/",
    "/architecture/")  # fmt: skip
TRACEBACK = """\
  File "/srv/payments/db.py", line 18, in connect
psycopg2.OperationalError: connection to server at "10.20.0.15", port 5432 failed: Connection refused
"""
TRICKY = (
    "",
    "\x1b[31mFATAL:\x1b[0m  password authentication failed for user “app_user”",
    "DATABASE_URL=postgresql://app:hunter2@db/x 4111 1111 1111 1111 Authorization: Bearer abcdefgh12345678",
    '{"message": "deadlock detected", "password": "s3cret", "nested": {"code": "40P01", "n": [1, true]}}',
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nnot base64 !\nConnection refused",
    "İstanbul: connection to server at x, port 5432 failed: timeout expired",
    "constructor toString __proto__ hasOwnProperty",
    "2026-11-22T02:00:00Z stderr F ERROR:  canceling statement due to statement timeout",
    'Caused by: org.postgresql.util.PSQLException: FATAL: role "x" does not exist\n\tat a.b(C.java:1)',
)


def collection() -> list[str]:
    """Every text that Python's matching is tested with, and some made to trip a port of it."""
    facts = load_facts()
    samples = [s.text for e in facts.live for symptom in e.symptoms for s in symptom.samples]
    told = [text for entry in facts.live for text in entry.told_as]
    printed = [row.printed for one in facts.proof.environments for row in one.rows.values()]
    return [*(text.body for part in PARTS for text in texts(part)), *samples, *told, *printed, *TRICKY]


def test_the_box_ranks_every_text_as_the_command_line_does(page: Page) -> None:
    page.goto("/")
    given = collection()
    answers = page.evaluate(
        "(texts) => texts.map((text) => ({cleaned: clearpay.clean(text), matches: clearpay.match(text)}))",
        given,
    )
    index = compile_index(load_entries().values())
    different = [
        (text, expected, answer["matches"])
        for text, answer in zip(given, answers, strict=True)
        if (expected := [json.loads(json.dumps({**one._asdict(), "holes": dict(one.holes)}))
            for one in match(text, index)]) != answer["matches"]
        or answer["cleaned"] != clean(text).text
    ]  # fmt: skip

    assert len(given) > 1000
    assert not different, f"{len(different)} differ, first: {different[0]}"


def test_a_pasted_traceback_leads_to_its_page_in_one_step(page: Page) -> None:
    page.goto("/")
    page.locator("#cp-text").fill(TRACEBACK)
    page.get_by_role("button", name="Find the error").click()

    first = page.locator(".cp-answer").first
    expect(first).to_contain_text("db-connection-refused")
    expect(first).to_contain_text("Connection refused")
    expect(page.locator("#cp-result pre")).to_contain_text("clearpay-doctor check db-connection-refused")
    first.get_by_role("link").click()
    expect(page).to_have_url(re.compile("/errors/db-connection-refused/$"))


def test_the_box_says_what_tells_the_runner_up_apart(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Try an example").click()

    expect(page.locator("#cp-result")).to_contain_text("What tells the two apart")


def test_an_unrelated_text_gets_no_answer(page: Page) -> None:
    page.goto("/")
    page.locator("#cp-text").fill("redis.exceptions.ConnectionError: Error 111 connecting to redis:6379.")
    page.get_by_role("button", name="Find the error").click()

    expect(page.locator("#cp-result")).to_contain_text("No known error matches")
    expect(page.locator(".cp-answer")).to_have_count(0)


def test_what_is_pasted_never_becomes_markup(page: Page) -> None:
    page.goto("/")
    page.locator("#cp-text").fill('FATAL:  role "<img src=x onerror=alert(1)>" is not permitted to log in')
    page.get_by_role("button", name="Find the error").click()

    expect(page.locator(".cp-answer").first).to_contain_text("<img src=x")
    expect(page.locator("#cp-result img")).to_have_count(0)


def test_nothing_leaves_the_page(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    opened, asked = context.new_page(), []
    opened.on("request", lambda request: asked.append(request.url))
    for path in KINDS:
        opened.goto(path)
    opened.goto("/", wait_until="networkidle")
    before = len(asked)
    opened.locator("#cp-text").fill(TRACEBACK)
    opened.get_by_role("button", name="Find the error").click()
    expect(opened.locator(".cp-answer").first).to_be_visible()
    context.close()

    assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert len(asked) == before


@pytest.mark.parametrize(
    ("query", "expected"),
    [("deadlock detected", "db-deadlock"), ("login.stale_credential", "db-credential-rotation")],
)
def test_the_search_finds_messages_and_findings(page: Page, query: str, expected: str) -> None:
    page.goto("/")
    # Before it says so, the search does not hear what is typed.
    expect(page.locator(".md-search-result__meta")).to_have_text("Type to start searching")
    page.locator("input.md-search__input").press_sequentially(query)

    expect(page.locator(".md-search-result__link").first).to_have_attribute("href", re.compile(expected))


def test_the_tabs_of_before_and_after_switch(page: Page) -> None:
    page.goto(ENTRY)
    tabs = page.locator("#code ~ .tabbed-set").first
    tabs.get_by_text("After", exact=True).click()

    expect(tabs.locator(".tabbed-block").nth(1)).to_be_visible()
    expect(tabs.locator(".tabbed-block").nth(0)).to_be_hidden()


def test_a_command_is_copied_whole(page: Page) -> None:
    page.goto(ENTRY)
    block = page.locator("#confirm-it ~ .highlight").first
    block.hover()
    block.get_by_role("button").first.click()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == "clearpay-doctor check db-credential-rotation --target lab"


def test_the_theme_follows_the_system_and_its_switch(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, color_scheme="dark")
    opened = context.new_page()
    opened.goto(ENTRY)
    body = opened.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    opened.locator("label.md-header__button[title=Light]").click()
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    context.close()


def test_box_and_search_work_from_a_disk(browser: Browser, offline_site: Path) -> None:
    context = browser.new_context(offline=True)
    opened, asked = context.new_page(), []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto((offline_site / "index.html").as_uri())
    opened.locator("#cp-text").fill(TRACEBACK)
    opened.get_by_role("button", name="Find the error").click()
    link = opened.locator(".cp-answer a").first
    expect(link).to_have_attribute("href", re.compile(r"errors/db-connection-refused\.html$"))
    opened.locator("input.md-search__input").fill("deadlock detected")
    expect(opened.locator(".md-search-result__link").first).to_have_attribute(
        "href", re.compile("db-deadlock")
    )
    opened.keyboard.press("Escape")
    link.click()
    expect(opened.locator("h1")).to_be_visible()
    context.close()

    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]


def test_no_kind_of_page_keeps_anybody_out(page: Page) -> None:
    found = {path: grave(page, path) for path in KINDS}

    assert not any(found.values()), found


def test_no_kind_of_page_is_hard_to_read_in_the_dark(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, color_scheme="dark")
    opened = context.new_page()
    # Colours are all that a theme changes.
    found = {path: grave(opened, path, runOnly=["color-contrast"]) for path in KINDS}
    context.close()

    assert not any(found.values()), found


def grave(opened: Page, path: str, **options: object) -> list[str]:
    """What axe calls serious or critical on a page."""
    opened.goto(path)
    if path == "/":
        opened.get_by_role("button", name="Try an example").click()
    given = {"resultTypes": ["violations"], **options}
    violations = Axe().run(opened, options=given).response["violations"]
    return [
        f"{one['id']}: {node['html'][:100]} {node['any'][0]['message'] if node['any'] else ''}"
        for one in violations
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:2]
    ]


def test_no_kind_of_page_is_wider_than_a_phone(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 360, "height": 740})
    opened = context.new_page()
    wide = {}
    for path in KINDS:
        opened.goto(path)
        wide[path] = opened.evaluate("document.documentElement.scrollWidth")
    context.close()

    assert set(wide.values()) == {360}, wide


def test_the_box_is_used_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "cp-text":
            break
    page.keyboard.type("deadlock detected")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator(".cp-answer").first).to_contain_text("db-deadlock")


def test_a_printed_page_has_every_text_and_no_box(page: Page) -> None:
    page.goto(ENTRY)
    page.emulate_media(media="print")

    expect(page.locator("nav.md-tabs")).to_be_hidden()
    expect(page.locator("#you-see ~ details pre").first).to_be_visible()
    for block in page.locator("#code ~ .tabbed-set .tabbed-block").all():
        expect(block).to_be_visible()
