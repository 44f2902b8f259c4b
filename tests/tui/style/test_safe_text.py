"""Text from outside is not interpreted as markup or as escape sequences."""

import asyncio

import pytest
from textual import events

from tests.tui.screen_text import text, until_text
from tui.app import DoctorApp
from tui.shared.state import State
from tui.style.safe_text import safe, stacked

HOSTILE = [
    "[red]x[/red]",
    "[/foo] closes what was never opened",
    "[db=prod] and [@click=app.quit]here[/]",
    "\\[escaped]",
    "$good and {braces}",
]


@pytest.mark.parametrize("outside", HOSTILE)
def test_markup_shows_as_it_is(outside: str) -> None:
    assert safe(outside, "bad").plain == outside


@pytest.mark.parametrize(
    "outside",
    ["\x1b]52;c;ZXZpbA==\x1b\\seen", "\x1b[2Jseen", "\x9b31mseen", "\x1bP1$r\x1b\\seen", "\x07\x08seen"],
)
def test_no_escape_and_no_control_is_left(outside: str) -> None:
    shown = stacked([safe(outside)]).plain

    assert "seen" in shown
    assert shown.isprintable()


def test_an_error_with_markup_is_diagnosed_like_any_other(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=(100, 30)) as pilot:
            app.post_message(
                events.Paste("[/foo] [red]deadlock detected[/red]\n[bold]DETAIL:[/] 😀 \x1b[31m")
            )
            await until_text(pilot, "1  ? suspected  db-deadlock")
            assert "[/foo] [red]deadlock detected[/red]" in text(app)

    asyncio.run(story())


def test_secrets_of_a_paste_never_reach_the_screen(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=(100, 30)) as pilot:
            app.post_message(events.Paste("postgresql://app:hunter22hunter@db/x\nFATAL: deadlock detected"))
            await until_text(pilot, "1 secret masked")
            assert "hunter22" not in text(app)

    asyncio.run(story())
