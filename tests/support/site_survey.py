"""Survey of one page of every kind: accessibility in both themes, and width on a phone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

WIDE, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=360, height=740)
STILL = "* { transition: none !important }"
"""Without transitions, colours change at once when the theme does."""
GRAVE = """async (rules) => {
  const result = await axe.run(document, {resultTypes: ["violations"], ...(rules && {runOnly: rules})});
  const grave = result.violations.filter((violation) => ["serious", "critical"].includes(violation.impact));
  return grave.flatMap((violation) => violation.nodes.slice(0, 2).map((node) =>
    `${violation.id}: ${node.html.slice(0, 100)} ${node.any[0]?.message ?? ""}`));
}"""


def _nothing(page: Page) -> None:
    """Leave the page as it is."""


def _example(page: Page) -> None:
    page.get_by_role("button", name="Try an example").click()


def _narrowed(page: Page) -> None:
    """Filter five hundred similar lines, of which axe needs to check only some."""
    page.locator("article").get_by_label("Words").fill("certificate")


def search_for(page: Page, query: str) -> None:
    """Search for words, after the search has announced that it accepts input."""
    page.locator("input.md-search__input").focus()
    expect(page.locator(".md-search-result__meta")).to_have_text("Type to start searching")
    page.locator("input.md-search__input").press_sequentially(query)
    expect(page.locator(".md-search-result__link").first).to_be_visible()


def _searched(page: Page) -> None:
    search_for(page, "deadlock")


ENTRY = "/errors/db-credential-rotation/"
KINDS: Final[dict[str, tuple[str, Callable[[Page], None]]]] = {
    "home": ("/", _nothing),
    "answer": ("/", _example),
    "search": ("/exit-codes/", _searched),
    "entry": (ENTRY, _nothing),
    "entry with groups": ("/errors/tls-certificate/", _nothing),
    "group": ("/errors/tls-certificate/expired/", _nothing),
    "start": ("/start/", _nothing),
    "symptoms": ("/symptoms/", _narrowed),
    "told": ("/told/", _narrowed),
    "modules": ("/modules/", _nothing),
    "probes": ("/probes/", _nothing),
    "probe": ("/probes/login/", _nothing),
    "troubles": ("/by-trouble/", _nothing),
    "runbook": ("/runbooks/payments-failing/", _nothing),
    "screen": ("/tui/", _nothing),
    "commands": ("/commands/", _nothing),
    "keys of the target file": ("/target-file/", _nothing),
    "matrix": ("/matrix/", _nothing),
    "changes": ("/changes/", _nothing),
    "all errors": ("/errors/", _nothing),
    "data": ("/schemas/", _nothing),
    "words": ("/glossary/", _nothing),
    "prose": ("/architecture/", _nothing),
    "no page": ("/404.html", _nothing),
}


@dataclass(frozen=True)
class Survey:
    """Violations and widths by kind of page, and every requested URL."""

    light: dict[str, list[str]]
    dark: dict[str, list[str]]
    phone: dict[str, list[str]]
    widths: dict[str, int]
    asked: list[str]


def surveyed(browser: Browser, address: str) -> Survey:
    """Open each kind of page once and check it."""
    context = browser.new_context(base_url=address, viewport=WIDE)
    context.set_default_timeout(60_000)
    page, survey = context.new_page(), Survey({}, {}, {}, {}, [])
    page.on("request", lambda request: survey.asked.append(request.url))
    for kind, (path, prepare) in KINDS.items():
        page.set_viewport_size(WIDE)
        page.goto(path)
        page.add_style_tag(content=STILL)
        prepare(page)
        page.evaluate(Axe().axe_script)
        survey.light[kind] = page.evaluate(GRAVE, None)
        page.evaluate("document.body.setAttribute('data-md-color-scheme', 'slate')")
        # A theme changes colours only.
        survey.dark[kind] = page.evaluate(GRAVE, ["color-contrast"])
        page.keyboard.press("Escape")  # an open search locks scrolling at the current size
        page.set_viewport_size(PHONE)
        # A narrow page differs in what can be scrolled.
        survey.phone[kind] = page.evaluate(GRAVE, ["scrollable-region-focusable"])
        survey.widths[kind] = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    return survey
