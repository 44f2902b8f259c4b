"""Lists: what changes in a list is painted anew wherever the list is scrolled to."""

import asyncio

from textual.app import App, ComposeResult

from tui.style.theme import DARK
from tui.widgets.bar import Piece
from tui.widgets.rows import Row, Rows


class Listed(App[None]):
    """Nothing but a list."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        """The list."""
        yield Rows()


def numbered(word: str) -> list[Row]:
    return [Row(str(number), (Piece(f"{number} {word}"),)) for number in range(20)]


def test_a_row_that_changes_in_a_scrolled_list_is_painted_anew() -> None:
    async def story() -> list[str]:
        app = Listed()
        async with app.run_test(size=(20, 5)) as pilot:
            rows = app.query_one(Rows)
            rows.show(numbered("runs"))
            await pilot.pause()
            rows.move_to(12)
            await pilot.pause()
            app.screen._compositor.render_strips()
            rows.show(numbered("done"))
            await pilot.pause()
            strips = app.screen._compositor.render_strips()
            return ["".join(segment.text for segment in strip).strip("▌ ")[:7].strip() for strip in strips]

    assert asyncio.run(story())[:5] == [f"{number} done" for number in range(8, 13)]
