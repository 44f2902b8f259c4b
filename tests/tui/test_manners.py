"""Manners of the screens: keys that work now, panes by size, the mouse, pastes, and what is loud."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.context import Context
from diagnostics.targets.settings import TargetSettings
from diagnostics.targets.target import Target, endpoint
from diagnostics.targets.target_file import Config
from kb.matching.index_compiler import compile_index
from kb.records.loader import load_entries
from tests.tui.function_probe import FunctionProbe
from tests.tui.screen_text import lines, press, settled, text, until, until_text
from tui.app import DoctorApp
from tui.browse.screen import Browse
from tui.entry.screen import EntryScreen
from tui.services.kept_theme import KeptTheme
from tui.shared.messages import EntryChosen
from tui.shared.state import State
from tui.style.theme import LIGHT
from tui.triage.screen import Triage
from tui.widgets.rows import Rows

SIZE = (80, 24)
ENTRY = "db-connection-refused"
CLOSED = Target("here", (endpoint("postgresql://app@127.0.0.1:9/db"),))
LONG = (
    "postgresql://a-role-with-a-long-name@db-with-a-long-name.eu-central-1.internal.example.com:5432/payments"
)


def keys_line(app: DoctorApp) -> str:
    """Return the last line of the screen."""
    return lines(app)[-1]


def test_the_last_line_has_the_keys_that_work_now_and_the_modes(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            assert keys_line(app).startswith(" T Target ")
            assert " Run" not in keys_line(app)
            assert "1 2 3 Modes  ? Help  q Quit" in keys_line(app)
            state.set_target(CLOSED)
            assert app.base_screen
            app.base_screen.apply_target_change()
            await until(pilot, lambda: keys_line(app).startswith(" r Run  R Run all "))
            assert "x Cancel" not in keys_line(app)

    asyncio.run(story())


def test_a_key_of_another_screen_says_where_it_works(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "v")
            await until_text(pilot, "Verify: not here, but in entry, triage, runbook")
            await press(pilot, "D")
            await until_text(pilot, "Diff: not here, but in runs")

    asyncio.run(story())


def test_a_mode_is_shown_without_the_pages_above_it(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "enter")
            await until(pilot, lambda: isinstance(app.screen, EntryScreen))
            await press(pilot, "1")
            await until(pilot, lambda: isinstance(app.screen, Browse))

    asyncio.run(story())


def test_a_click_moves_the_cursor_and_two_clicks_open(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            rows = app.screen.query_one(Rows)
            await pilot.click(Rows, offset=(10, 3))
            assert rows.cursor == 3
            await pilot.click(Rows, offset=(10, 2), times=2)
            await until(pilot, lambda: isinstance(app.screen, EntryScreen))
            assert app.screen.entry == rows.rows[2].key  # type: ignore[attr-defined]

    asyncio.run(story())


def test_a_click_on_a_key_in_the_last_line_presses_it(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await pilot.click("#keys", offset=(keys_line(app).index("? Help"), 0))
            await until_text(pilot, "Keys of browse")
            await press(pilot, "escape")
            await pilot.click("#keys", offset=(keys_line(app).index("3 Modes"), 0))
            await until_text(pilot, "runs, newest first")

    asyncio.run(story())


async def pasted(pilot: Pilot[None]) -> Triage:
    """Paste an error of many lines, and return Triage."""
    frames = "\n".join(f'  File "/srv/payments/job_{n}.py", line {n}, in pay' for n in range(40))
    pilot.app.post_message(
        events.Paste(f"Traceback\n{frames}\npsycopg2.errors.DeadlockDetected: deadlock detected")
    )
    await until_text(pilot, "db-deadlock")
    app = pilot.app
    assert isinstance(app, DoctorApp)
    assert isinstance(app.base_screen, Triage)
    return app.base_screen


def test_an_enlarged_pane_fills_the_screen(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await pasted(pilot)
            await press(pilot, "shift+tab")
            await until_text(pilot, "━ Error ━")
            await press(pilot, "z")
            await until(pilot, lambda: text(app).count("/srv/payments/job_") > 15)
            await press(pilot, "z")
            await until_text(pilot, "Candidates")

    asyncio.run(story())


def test_in_a_small_terminal_one_pane_fills_the_screen_and_tab_shows_the_next(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=(60, 16)) as pilot:
            await until_text(pilot, "known errors")
            await pasted(pilot)
            for title in ("Candidates", "Probes", "Evidence: none", "Error"):
                await until(pilot, lambda title=title: f"━ {title} ━" in lines(app)[1])  # type: ignore[misc]
                assert sum("━━" in line for line in lines(app)) == 1
                await press(pilot, "tab")

    asyncio.run(story())


def test_the_progress_is_never_the_part_that_is_cut(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        state.set_target(Target(LONG, CLOSED.endpoints))
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            app.post_message(EntryChosen(ENTRY, run=True))
            await until_text(pilot, "2 of 2 done · 1 fail")
            assert lines(app)[0].rstrip().endswith("… 2 of 2 done · 1 fail")
            assert "a-role-with" in lines(app)[0]

    asyncio.run(story())


def test_production_is_loud_and_no_target_is_quiet(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "target: none")
            state.set_target(replace(CLOSED, settings=TargetSettings(production=True)))
            await press(pilot, "2")
            await until_text(pilot, " PRODUCTION  here")

    asyncio.run(story())


def test_a_paste_while_a_dialog_or_the_help_is_open_is_diagnosed(state: State) -> None:
    async def story() -> None:
        for key in ("question_mark", "T", "y", "p"):
            app = DoctorApp(state)
            async with app.run_test(size=SIZE) as pilot:
                await until_text(pilot, "known errors")
                await press(pilot, key)
                await pasted(pilot)
                await settled(pilot)
                assert app.screen is app.base_screen, key

    asyncio.run(story())


class Slow:
    """A probe that ends when the test wants it to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        entry = replace(load_entries()[ENTRY], not_this=(), leads_to=())
        probe = FunctionProbe(self._examine, FINDINGS=("connect.refused", "connect.socket_missing"))
        self.state = State(
            Catalogue({ENTRY: entry}, {"connect": probe}), compile_index([entry]), Config(), target=CLOSED
        )

    def _examine(self, context: Context) -> None:
        self.go.wait(20)
        context.finding("connect.refused")


def test_while_probes_run_the_evidence_has_nothing_false() -> None:
    slow = Slow()

    async def story() -> None:
        app = DoctorApp(slow.state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            app.post_message(
                events.Paste("psycopg2.OperationalError: connection to server failed:\nConnection refused")
            )
            await until_text(pilot, ENTRY)
            await press(pilot, "R")
            await until_text(pilot, "not yet  connect")
            assert "ended before" not in text(app)
            assert "ended unknown" not in text(app)
            assert "confirmed" not in text(app)
            slow.go.set()
            await until_text(pilot, f"confirmed  {ENTRY}")
            assert "not yet" not in text(app)

    asyncio.run(story())


def test_a_run_from_browse_names_what_it_confirmed_and_lists_it_first() -> None:
    slow = Slow()
    slow.go.set()

    async def story() -> None:
        app = DoctorApp(slow.state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "R")
            await until_text(pilot, f"1 confirmed: {ENTRY}; enter opens it")

    asyncio.run(story())


def test_the_theme_is_kept(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("COLORFGBG", raising=False)
    state.themes = KeptTheme()

    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "t")
            await until(pilot, lambda: app.theme == LIGHT.name)

    asyncio.run(story())

    assert DoctorApp(state).theme == LIGHT.name
    (tmp_path / "clearpay-doctor" / "screen.json").write_text("[]", "utf-8")
    assert DoctorApp(state).theme != LIGHT.name
