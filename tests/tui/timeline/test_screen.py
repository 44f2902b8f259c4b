"""The timeline of a large log: clusters, and the way from a record to its diagnosis."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual import events

from tests.tui.screen_text import press, text, until, until_text
from tui.app import DoctorApp
from tui.shared.base_screen import LARGE
from tui.shared.state import State
from tui.timeline.screen import TimelineScreen
from tui.triage.screen import Triage

SIZE = (100, 30)
BEGAN = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def log_text() -> str:
    """Return 1.3 MB of a log of an hour with deadlocks from 12:20 to 12:24."""
    lines = []
    for second in range(3600):
        stamp = (BEGAN + timedelta(seconds=second)).isoformat()
        lines += [
            f"{stamp} INFO payments: payment {second}-{n} stored in 12 ms, balance checked" for n in range(5)
        ]
        if 1200 <= second < 1440 and second % 10 == 0:
            lines.append(f"{stamp} ERROR payments: psycopg2.errors.DeadlockDetected: deadlock detected")
    return "\n".join(lines)


async def begin_reading(app: DoctorApp) -> TimelineScreen:
    screen = app.screen
    assert isinstance(screen, TimelineScreen)
    return screen


def test_a_large_paste_opens_its_timeline_and_enter_diagnoses_a_record(
    state: State, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    pasted = log_text()
    assert len(pasted) > LARGE

    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            app.post_message(events.Paste(pasted))
            await until_text(pilot, "TIMELINE")
            timeline = await begin_reading(app)
            await until(pilot, lambda: timeline.report is not None)
            await until_text(pilot, "db-deadlock")
            shown = text(app)
            assert "Incident 1" in shown
            assert "24x" in shown
            assert "first    " in shown
            assert "last     " in shown
            assert timeline.report
            assert timeline.report.lines == pasted.count("\n") + 1
            await press(pilot, "enter")
            await until(pilot, lambda: isinstance(app.base_screen, Triage))
            await until_text(pilot, "suspected  db-deadlock")
            assert "DeadlockDetected" in text(app)

    asyncio.run(story())

    assert list(tmp_path.iterdir()) == []


def test_x_ends_a_scan_and_what_was_read_is_shown(state: State, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(log_text() * 20, "utf-8")

    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            app.open_log(log, "app.log")
            await until_text(pilot, "MB read")
            await press(pilot, "x")
            timeline = await begin_reading(app)
            await until(pilot, lambda: timeline.report is not None)
            assert timeline.report
            assert 0 < timeline.report.bytes < log.stat().st_size
            await until_text(pilot, "not all was read")

    asyncio.run(story())


def test_a_file_that_cannot_be_read_is_named(state: State, tmp_path: Path) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            app.open_log(tmp_path / "gone.log", "gone.log")
            await until_text(pilot, "The log cannot be read: does not exist")
            await press(pilot, "escape")
            await until_text(pilot, "known errors")

    asyncio.run(story())
