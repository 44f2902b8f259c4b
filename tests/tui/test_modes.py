"""History, exports, copies, palette, help and choice of the target."""

import asyncio
import time
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from diagnostics.history.writer import RunFile
from tests.tui.screen_text import press, text, until, until_text
from tui.app import DoctorApp
from tui.browse.screen import Browse
from tui.entry.screen import EntryScreen
from tui.runs.kept_runs import KeptRuns
from tui.runs.screen import Runs
from tui.services.target_choice import use_target
from tui.shared.messages import EntryChosen
from tui.shared.state import State
from tui.triage.screen import Triage
from tui.widgets.rows import Rows

SIZE = (80, 24)
CLOSED = "postgresql://app@127.0.0.1:9/db"


@pytest.fixture
def recorded(state: State, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> State:
    """Return a state whose runs are recorded below a temporary folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    state.history, state.recorder = KeptRuns(), RunFile.begin
    return state


async def run_entry(app: DoctorApp, pilot: Pilot[None]) -> None:
    """Choose an address where nothing listens, and run the probes of an entry on it."""
    use_target(app, CLOSED)
    app.post_message(EntryChosen("db-connection-refused", run=True))
    await until_text(pilot, "1  ✗ confirmed  db-connection-refused")


def test_a_run_is_recorded_compared_and_exported(recorded: State, tmp_path: Path) -> None:
    async def story() -> None:
        app = DoctorApp(recorded)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await run_entry(app, pilot)
            await press(pilot, "R")
            await until(pilot, lambda: len(recorded.reports) == 2)
            await press(pilot, "3")
            await until_text(pilot, "━ 2 ━━")
            assert "127.0.0.1:9/db" in text(app)
            await press(pilot, "D")
            await until_text(pilot, "from 2")
            await press(pilot, "E", "m")
            await until_text(pilot, "written:")

    asyncio.run(story())

    (report,) = tmp_path.glob("*.md")
    assert "Confirmed: db-connection-refused" in report.read_text("utf-8")
    assert any(line.startswith("written:") for line in recorded.notes)


def test_a_run_is_repeated_and_two_marked_runs_are_compared(
    recorded: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()

    async def story() -> None:
        app = DoctorApp(recorded)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await run_entry(app, pilot)
            await press(pilot, "3")
            await until_text(pilot, "━ 1 ━━")
            assert "times in JST" in text(app)
            assert "local" not in text(app)
            await press(pilot, "r")
            await until_text(pilot, "━ 2 ━━")
            await press(pilot, "r")
            await until_text(pilot, "━ 3 ━━")
            runs = app.base_screen
            assert isinstance(runs, Runs)
            newest, _, oldest = (line.run_id for line in runs.lines)
            runs.query_one(Rows).move_to(0)
            await press(pilot, "space", "j", "space")
            assert runs.compared_runs == (oldest, newest)
            await press(pilot, "D")
            await until_text(pilot, f"{oldest} and {newest}")

    try:
        asyncio.run(story())
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_verification_is_one_run_whose_report_tells_the_story(recorded: State, tmp_path: Path) -> None:
    async def story() -> None:
        app = DoctorApp(recorded)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await run_entry(app, pilot)
            await press(pilot, "f", "escape", "v")
            triage = app.base_screen
            assert isinstance(triage, Triage)
            await until(pilot, lambda: bool(triage.session.story and len(triage.session.story.tries) >= 3))
            assert "1  ✗ confirmed  db-connection-refused" in text(app)
            assert "fail: connect.refused → fail: connect.refused" in text(app)
            await press(pilot, "x")
            await until_text(pilot, "not verified: stopped after")
            await press(pilot, "E", "m")
            await until_text(pilot, "written:")
            await press(pilot, "3")
            await until_text(pilot, "━ 2 ━━")
            assert " tries" in text(app)

    asyncio.run(story())

    (report,) = tmp_path.glob("*.md")
    page = report.read_text("utf-8")
    assert "## Not fixed yet: db-connection-refused" in page
    assert "**Confirmed by**" in page
    assert "| fail: connect.refused |" in page
    assert "## Past" not in page
    assert len(list((tmp_path / "data").rglob("*.ndjson"))) == 2


def test_the_cursor_moves_to_the_confirmed_entry(recorded: State) -> None:
    async def story() -> None:
        app = DoctorApp(recorded)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            use_target(app, CLOSED)
            app.post_message(EntryChosen("db-unreachable", run=True))
            await until_text(pilot, "1  ✗ confirmed  db-connection-refused")
            triage = app.base_screen
            assert isinstance(triage, Triage)
            await until(pilot, lambda: triage.current_entry == "db-connection-refused")

    asyncio.run(story())


def test_the_palette_finds_commands_and_entries(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "ctrl+p")
            await until_text(pilot, "Paste or type an error")
            await press(pilot, *"db-deadlock")
            await until_text(pilot, "open the entry")
            await press(pilot, "enter", "enter")
            await until(pilot, lambda: isinstance(app.base_screen, EntryScreen))

    asyncio.run(story())


def test_an_invalid_address_is_rejected_with_a_message(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "T")
            await until_text(pilot, "type an address")
            await press(pilot, "enter")
            await until_text(pilot, "postgresql://role@host")
            await press(pilot, *"nonsense", "enter")
            await until_text(pilot, "neither a name from clearpay-doctor.toml")
            assert state.target is None

    asyncio.run(story())


def test_a_link_is_copied_and_its_destination_shown(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=(120, 30)) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "y")
            await until_text(pilot, "the address of the entry's page")
            await press(pilot, "l")
            await until_text(pilot, "OSC 52")
            assert app.clipboard.startswith("clearpay-doctor explain ")

    asyncio.run(story())


def test_the_help_shows_keys_and_the_reasons_for_disabled_ones(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=(100, 40)) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "question_mark")
            await until_text(pilot, "not now: nothing is running")
            await press(pilot, "escape")
            await until(pilot, lambda: isinstance(app.screen, Browse))

    asyncio.run(story())


def test_ctrl_c_quits_the_second_time_on_a_screen_where_nothing_can_run(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "3", "ctrl+c")
            await until_text(pilot, "nothing is running; ctrl+c again quits")
            await press(pilot, "ctrl+c")
            await until(pilot, lambda: not app.is_running)

    asyncio.run(story())


def test_light_and_dark_change_with_a_key_and_the_words_stay(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            before, theme = text(app), app.theme
            await press(pilot, "t")
            await until(pilot, lambda: app.theme != theme)
            assert text(app) == before

    asyncio.run(story())


def test_a_long_paste_is_matched_as_a_whole(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            log = "\n".join(f"INFO payment {n} stored" for n in range(10_000))
            app.post_message(events.Paste(f"{log}\nERROR: deadlock detected"))
            await until_text(pilot, "1  ? suspected  db-deadlock")

    asyncio.run(story())
