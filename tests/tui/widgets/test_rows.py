"""Lists: changed rows are repainted, also in a scrolled list."""

import asyncio

from textual.app import App, ComposeResult

from tui.style.theme import DARK
from tui.widgets.bar import Piece
from tui.widgets.rows import Row, Rows


class ListApp(App[None]):
    """An application with one list."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        """Yield the list."""
        yield Rows()


def numbered(word: str) -> list[Row]:
    return [Row(str(number), (Piece(f"{number} {word}"),)) for number in range(20)]


def test_a_changed_row_of_a_scrolled_list_is_repainted() -> None:
    async def story() -> list[str]:
        app = ListApp()
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
