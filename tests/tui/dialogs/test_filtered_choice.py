"""Filtered choices: filter, headings of groups, and escape, which clears the filter and then leaves."""

import asyncio

from tests.tui.screen_text import press, text, until, until_text
from tui.app import DoctorApp
from tui.dialogs.filtered_choice import FilteredChoice
from tui.dialogs.menus import faults
from tui.dialogs.options import Option, filtered, option_rows
from tui.shared.state import State
from tui.widgets.bar import Piece
from tui.widgets.rows import Rows

SIZE = (80, 24)


def answers(app: DoctorApp) -> Rows:
    return app.screen.query_one("#answers", Rows)


def test_options_are_filtered_by_words_their_absence_and_fields() -> None:
    lock = Option("a", (Piece("lock"),), "db-lock: waits", fields={"layer": "database"})
    key = Option("b", (Piece("key"),), "api-key: waits", fields={"layer": "api"})
    plain = Option("c", (Piece("repair"),))

    assert filtered([lock, key, plain], "waits !lock") == [key]
    assert filtered([lock, key, plain], "layer:data") == [lock]
    assert [row.key for row in option_rows([plain, lock]) if row.heading] == ["db-lock: waits"]


def test_each_entry_is_one_heading_above_its_findings(state: State) -> None:
    async def story() -> list[str]:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE):
            await app.push_screen(faults(state))
            return [row.key for row in answers(app).rows if row.heading]

    headings = asyncio.run(story())

    assert len(headings) == len(set(headings)) == len({c.entry.id for c in state.catalogue.claims.values()})


def test_the_cursor_skips_headings_in_both_directions(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await app.push_screen(faults(state))
            await until_text(pilot, "remove the injected fault")
            await press(pilot, "down")
            assert answers(app).cursor == 2
            await press(pilot, "up")
            assert answers(app).cursor == 0

    asyncio.run(story())


def test_escape_clears_the_filter_then_leaves_and_an_empty_list_has_no_answer(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "T")
            await until_text(pilot, "type an address")
            await press(pilot, *"zz", "enter")
            await until_text(pilot, "0 of 1")
            assert isinstance(app.screen, FilteredChoice)
            await until_text(pilot, "esc clears the filter")
            await press(pilot, "escape")
            await until_text(pilot, "1 of 1")
            await until_text(pilot, "esc leaves")
            await press(pilot, "escape")
            await until(pilot, lambda: app.screen is app.base_screen)
            assert "known errors" in text(app)

    asyncio.run(story())


def test_the_whole_text_of_an_option_is_below_the_list(state: State) -> None:
    sentence = "The receiver answers with a redirect, which senders do not follow."

    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await app.push_screen(faults(state))
            await press(pilot, *"redirects")
            await until_text(pilot, "webhook.redirects: ")
            assert sentence in " ".join(text(app).split())
            await press(pilot, "q")
            await until_text(pilot, "Nothing matches the filter. esc clears it.")

    asyncio.run(story())
