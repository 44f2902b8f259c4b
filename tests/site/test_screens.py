"""Tests of captured terminal screens on the site."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown import markdown

from site_docs.export import export
from site_docs.facts import ROOT
from site_docs.generate import generate
from site_docs.page_types.match_box import EXAMPLE
from site_docs.proof import Proof, Transcript
from site_docs.screens import embed_screens, read_screens
from tests.site.shipped import FACTS

SCREENS = read_screens(ROOT)
PAGES = ROOT / "site_docs" / "pages"
LINKED = re.compile(r"^\[[^\]]+\]\(\.\./\.\./tests/tui/screens/([\w-]+)\.txt\)$", re.MULTILINE)
EXTENSIONS = ["attr_list", "pymdownx.highlight", "pymdownx.superfences"]


def test_the_page_of_the_screen_shows_each_screen_whole() -> None:
    page = (PAGES / "tui.md").read_text("utf-8")
    names = LINKED.findall(page)
    shown = embed_screens(page, SCREENS)

    assert len(names) > 2
    assert "tests/tui/screens" not in shown
    for name in names:
        assert f"\n{SCREENS[name].rstrip()}\n```" in shown


def test_a_screen_becomes_one_block_with_its_caption() -> None:
    text = embed_screens("[A <b> screen](../../tests/tui/screens/one.txt)", {"one": " top\n\n a < b  `c`\n"})
    shown = markdown(text, extensions=EXTENSIONS)

    assert shown.count("cp-screen") == 1
    assert '<span class="filename">A &lt;b&gt; screen</span>' in shown
    assert "a &lt; b  `c`" in shown


def test_a_link_to_a_screen_that_was_never_seen_stays_for_the_strict_build_to_find() -> None:
    link = "[Gone](../../tests/tui/screens/gone-80x24.txt)"

    assert embed_screens(link, SCREENS) == link


@pytest.mark.parametrize(
    "text", ["see [it](../../tests/tui/screens/{}.txt)", "[it](tests/tui/screens/{}.txt)"]
)
def test_a_link_within_a_sentence_or_to_another_place_stays(text: str) -> None:
    link = text.format(next(iter(SCREENS)))

    assert embed_screens(link, SCREENS) == link


def test_the_export_has_its_screens_in_it(tmp_path: Path) -> None:
    export(tmp_path, FACTS)
    text = (tmp_path / "tui.md").read_text("utf-8")

    assert SCREENS["triage-80x24"].rstrip() in text
    assert "tests/tui" not in text


def test_home_shows_the_screen_and_what_the_command_line_said_on_the_lab() -> None:
    cause = FACTS.entries[EXAMPLE].causes[0].finding
    proof = Proof("2026-01-01", (), {cause: Transcript("all is well", "confirmed on the lab")})
    text = generate(replace(FACTS, proof=proof))["index.md"].text

    shown = "\n".join(line.removeprefix("    ") for line in text.splitlines())
    assert SCREENS["triage-80x24"].rstrip() in shown
    assert f"$ clearpay-doctor check {EXAMPLE} --target lab --active\nconfirmed on the lab" in shown


def test_home_without_a_capture_shows_none() -> None:
    text = generate(replace(FACTS, proof=Proof("2026-01-01", ()), screens={}))["index.md"].text

    assert "cp-screen" not in text
