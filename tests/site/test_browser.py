"""Tests in a browser: the box, search, tabs, copy, themes, offline use, small screens, keyboard, contrast."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from kb.matching.index_compiler import compile_index, load_yaml
from kb.matching.matcher import match
from kb.matching.translations import PATH
from kb.records.loader import load_entries
from kb.text.sanitize import clean
from tests.site.shipped import FACTS
from tests.support import masking_texts
from tests.support.site_survey import ENTRY, KINDS, PHONE, STILL, Survey, search_for
from tests.tools.match_score import OPEN_PARTS, texts

TRACEBACK = """\
  File "/srv/payments/db.py", line 18, in connect
psycopg2.OperationalError: connection to server at "10.20.0.15", port 5432 failed: Connection refused
"""
COLLECTIONS = ("secrets", "secrets_held_out", "harmless", "harmless_held_out")
TRICKY = (
    "",
    "\x1b[31mFATAL:\x1b[0m  password authentication failed for user “app_user”",
    "DATABASE_URL=postgresql://app:hunter2@db/x 4111 1111 1111 1111 Authorization: Bearer abcdefgh12345678",
    '{"message": "deadlock detected", "password": "s3cret", "nested": {"code": "40P01", "n": [1, true]}}',
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nnot base64 !\nConnection refused",
    "İstanbul: connection to server at x, port 5432 failed: timeout expired",
    "constructor toString __proto__ hasOwnProperty",
    "2026-11-22T02:00:00Z stderr F ERROR:  canceling statement due to statement timeout",
    "SQLSTATE[57014]",
    "\n 40P01\n",
    "заказ 57014",
    'Caused by: org.postgresql.util.PSQLException: FATAL: role "x" does not exist\n\tat a.b(C.java:1)',
)


def samples() -> list[tuple[str, str]]:
    """Return each sample text with its entry."""
    return [
        (entry.id, sample.text)
        for entry in FACTS.current_entries
        for symptom in entry.symptoms
        for sample in symptom.samples
    ]


def collection() -> list[str]:
    """Return the texts of the tests of matching and masking, and some that are difficult for JavaScript."""
    sentences = [text for entry in FACTS.current_entries for text in entry.user_phrases]
    environments = FACTS.proof.environments
    printed = [row.printed for environment in environments for row in environment.rows.values()]
    sample_texts = [text for _, text in samples()]
    collected = [text.body for part in OPEN_PARTS for text in texts(part)]
    secrets = [sample.text for name in COLLECTIONS for sample in masking_texts.samples(name)]
    messages = [message["text"] for client in load_yaml("client_messages") for message in client["messages"]]
    in_languages = [
        text if isinstance(text, str) else text[0]
        for translations in json.loads(PATH.read_text("utf-8")).values()
        for text in translations.values()
    ]
    return list(
        dict.fromkeys(
            (*collected, *sample_texts, *sentences, *printed, *messages, *in_languages, *secrets, *TRICKY)
        )
    )


@pytest.fixture(scope="module")
def answers(browser: Browser, address: str) -> dict[str, dict[str, Any]]:
    """Return the cleaned text and the matches of the box for each text."""
    context = browser.new_context(base_url=address)
    opened, inputs = context.new_page(), collection()
    opened.goto("/")
    results = opened.evaluate(
        "(texts) => texts.map((text) => ({cleaned: clearpay.clean(text), matches: clearpay.match(text)}))",
        inputs,
    )
    context.close()
    return dict(zip(inputs, results, strict=True))


def test_the_box_ranks_every_text_as_the_command_line_does(answers: dict[str, dict[str, Any]]) -> None:
    index = compile_index(load_entries().values())
    different = [
        (text, expected, answer["matches"])
        for text, answer in answers.items()
        if (expected := [json.loads(json.dumps({**ranked._asdict(), "holes": dict(ranked.holes)}))
            for ranked in match(text, index)]) != answer["matches"]
        or answer["cleaned"] != clean(text).text
    ]  # fmt: skip

    assert len(answers) > 1000
    assert not different, f"{len(different)} differ, first: {different[0]}"


def test_the_box_finds_the_entry_of_every_sample(answers: dict[str, dict[str, Any]]) -> None:
    lost = []
    for entry, text in samples():
        matches = answers[text]["matches"]
        # A text of two entries matches both: a pool can be exhausted by load or by a leak.
        if entry not in {ranked["entry"] for ranked in matches if ranked["score"] == matches[0]["score"]}:
            lost.append((entry, text))

    assert not lost


def test_a_pasted_traceback_leads_to_its_page_in_one_step(page: Page) -> None:
    page.goto("/")
    page.locator("#cp-text").fill(TRACEBACK)
    page.get_by_role("button", name="Find the error").click()

    first = page.locator(".cp-answer").first
    expect(first).to_contain_text("db-connection-refused")
    expect(first).to_contain_text("Connection refused")
    expect(first).to_contain_text("clearpay-doctor check db-connection-refused")
    first.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/errors/db-connection-refused/$"))


def test_the_box_says_what_tells_the_runner_up_apart(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Try an example").click()

    expect(page.locator("#cp-result")).to_contain_text("How to tell the two apart")


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


def test_no_type_of_page_requests_an_external_resource(survey: Survey, address: str) -> None:
    assert len(survey.asked) > len(KINDS)
    assert not [url for url in survey.asked if not url.startswith((address, "data:", "blob:"))]


def test_nothing_pasted_leaves_the_page(page: Page) -> None:
    requested: list[str] = []
    page.goto("/", wait_until="networkidle")
    page.on("request", lambda request: requested.append(request.url))
    page.locator("#cp-text").fill(TRACEBACK)
    page.get_by_role("button", name="Find the error").click()
    expect(page.locator(".cp-answer").first).to_be_visible()

    assert requested == []


def test_the_search_fits_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto("/exit-codes/")
    page.locator("label.md-header__button[for=__search]").click()
    search_for(page, "deadlock")

    # The opening search is animated as a circle that grows beyond the screen.
    page.wait_for_function("width => document.documentElement.scrollWidth === width", arg=PHONE["width"])
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("deadlock detected", "db-deadlock"), ("login.stale_credential", "db-credential-rotation")],
)
def test_the_search_finds_messages_and_findings(page: Page, query: str, expected: str) -> None:
    page.goto("/")
    search_for(page, query)

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

    expect(page.locator(".md-dialog")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == "clearpay-doctor check db-credential-rotation --active"


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
    opened, requested = context.new_page(), []
    opened.on("request", lambda request: requested.append(request.url))
    opened.goto((offline_site / "index.html").as_uri())
    opened.locator("#cp-text").fill(TRACEBACK)
    opened.get_by_role("button", name="Find the error").click()
    link = opened.locator(".cp-answer a").first
    expect(link).to_have_attribute("href", re.compile(r"errors/db-connection-refused\.html$"))
    search_for(opened, "deadlock detected")
    expect(opened.locator(".md-search-result__link").first).to_have_attribute(
        "href", re.compile("db-deadlock")
    )
    opened.keyboard.press("Escape")
    link.click()
    expect(opened.locator("h1")).to_be_visible()
    context.close()

    assert not [url for url in requested if not url.startswith(("file:", "data:", "blob:"))]


def test_no_type_of_page_violates_accessibility_rules(survey: Survey) -> None:
    assert not any(survey.light.values()), survey.light
    assert not any(survey.phone.values()), survey.phone


def test_every_type_of_page_has_enough_contrast_in_the_dark_theme(survey: Survey) -> None:
    assert not any(survey.dark.values()), survey.dark


def test_no_type_of_page_is_wider_than_a_phone(survey: Survey) -> None:
    assert set(survey.widths.values()) == {PHONE["width"]}, survey.widths


def test_a_list_is_narrowed_by_keyboard_alone(page: Page) -> None:
    page.goto("/symptoms/")
    lines = page.locator("article tbody tr:visible")
    everything = lines.count()
    page.get_by_label("Words").focus()
    page.keyboard.type("certificate verify failed")
    expect(page.locator("article output")).not_to_have_text(f"{everything} of {everything}")
    page.keyboard.press("Tab")
    page.keyboard.type("tls")

    expect(page.get_by_label("Layer")).to_have_value("tls")
    expect(page.locator("article output")).to_have_text(f"{lines.count()} of {everything}")
    assert 0 < lines.count() < everything
    for line in lines.all_inner_texts():
        assert all(word in line.lower() for word in ("certificate", "verify", "failed", "tls-certificate"))


def test_a_list_keeps_only_the_parts_that_have_something(page: Page) -> None:
    page.goto("/modules/")
    page.locator("article").get_by_label("Module").select_option("clearpay.db.pool")

    expect(page.locator("article h2:visible")).to_have_text(re.compile(r"^clearpay\.db\.pool"))
    expect(page.get_by_role("link", name="QueuePool limit reached")).to_be_visible()


def test_a_list_without_its_script_shows_everything(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    opened = context.new_page()
    opened.goto("/modules/")

    expect(opened.locator("article form")).to_have_count(0)
    expect(opened.locator("article .cp-entries li:visible")).to_have_count(len(shown_modules()))
    context.close()


def shown_modules() -> list[str]:
    return [module for entry in FACTS.current_entries for module in entry.modules or ("any",)]


def test_the_box_is_used_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#cp-text")).to_be_focused()
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


def test_paper_is_white_in_every_theme(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, color_scheme="dark")
    opened = context.new_page()
    opened.goto(ENTRY)
    expect(opened.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    opened.emulate_media(media="print", color_scheme="dark")
    opened.add_style_tag(content=STILL)
    colours = opened.evaluate(
        "[...document.querySelectorAll('.cp-facts, .cp-now, article pre > code')].map((element) => "
        "getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).map(Number))"
    )
    context.close()

    assert len(colours) > 5
    assert all(min(rgb) > 200 or rgb[3:] == [0] for rgb in colours), colours
