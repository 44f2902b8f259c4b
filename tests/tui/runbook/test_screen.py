"""Runbooks on the screen: run on the lab by keys, left, resumed, and written to one log."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from diagnostics.errors import UsageError
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.runbooks.log import IncidentLog, read
from diagnostics.runbooks.log_folder import unended_runs
from diagnostics.targets.settings import LAB_THRESHOLDS
from tests.diagnostics.probes.running import with_thresholds
from tests.tui.screen_text import press, text, until, until_text
from tui.app import DoctorApp
from tui.browse.screen import Browse
from tui.runbook.screen import RunbookScreen
from tui.shared.state import State

SIZE = (80, 24)
SILENCE_S = 4.0
"""Seconds for which a silent server keeps the first step running, so that a busy machine shows it."""
pytestmark = pytest.mark.lab


@pytest.fixture(autouse=True)
def incidents(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder of the incident logs of this test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "clearpay-doctor" / "incidents"


def broken(lab: Lab, state: State, finding: str) -> None:
    """Inject a fault, and make the lab as it is then the target."""
    inject(lab, finding)
    state.set_target(lab.target)


async def begin(pilot: Pilot[None], runbook: str) -> None:
    """Choose a runbook with its name."""
    await until_text(pilot, "known errors")
    await press(pilot, "B")
    await until_text(pilot, "Run a runbook")
    await press(pilot, *runbook)
    await until_text(pilot, "1 of ")
    await press(pilot, "enter")


def only_log(folder: Path) -> Path:
    (log,) = folder.glob("*.ndjson")
    return log


def test_a_runbook_leads_through_a_question_to_a_fix(lab: Lab, lab_state: State, incidents: Path) -> None:
    broken(lab, lab_state, "connect.silent")
    lab_state.set_target(with_thresholds(lab.target, replace(LAB_THRESHOLDS, connect_timeout_s=SILENCE_S)))

    async def story() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            await begin(pilot, "database-unreachable")
            await until_text(pilot, "▸ running")
            await until_text(pilot, "Can another host in the same network")
            assert "connect.silent" not in text(app)
            await press(pilot, "1")
            await until_text(pilot, "Ended in a fix: Only this host is cut off")
            await until_text(pilot, "Incident log: ")
            assert any(report.results for report in lab_state.reports)
            await press(pilot, "v")
            await until_text(pilot, "verifying db-unreachable")

    asyncio.run(story())

    incident, _ = read(only_log(incidents))
    assert [visit.step for visit in incident.visits] == ["door", "network"]
    assert (incident.visits[1].answer, incident.visits[1].answered_by) == ("yes", "terminal")
    assert incident.end is not None
    assert incident.end.step == "ours"
    assert [fix.entry for fix in incident.end.fixes][:1] == ["db-unreachable"]
    document = json.loads((incidents / f"{only_log(incidents).stem}.json").read_text("utf-8"))
    assert document["end"]["step"] == "ours"


def test_an_instruction_waits_for_the_user_and_a_repaired_lab_is_green(
    lab: Lab, lab_state: State, incidents: Path
) -> None:
    broken(lab, lab_state, "connect.starting_up")

    async def story() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            await begin(pilot, "database-unreachable")
            await until_text(pilot, "Did somebody announce a restart")
            await press(pilot, "1")
            await until_text(pilot, "Recovery after a clean stop")
            lab.repair()
            lab_state.set_target(lab.target)
            await press(pilot, "enter")
            await until_text(pilot, "Ended green")

    asyncio.run(story())

    assert [visit.step for visit in read(only_log(incidents))[0].visits] == [
        "door",
        "starting",
        "wait",
        "again",
    ]


def test_a_runbook_that_was_left_by_quitting_is_resumed_at_the_same_step(
    lab: Lab, lab_state: State, incidents: Path
) -> None:
    broken(lab, lab_state, "connect.silent")

    async def left() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            await begin(pilot, "database-unreachable")
            await until_text(pilot, "Can another host")
            await press(pilot, "q")

    async def resumed() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "B")
            await until_text(pilot, "1 step done")
            await press(pilot, "enter")
            await until_text(pilot, "Can another host")
            await press(pilot, "2")
            await until_text(pilot, "Ended in an escalation")

    asyncio.run(left())
    assert [log.incident.breaks[-1].what for log in unended_runs()] == ["interrupted"]
    assert "--resume" in lab_state.notes[-1]
    asyncio.run(resumed())

    incident, _ = read(only_log(incidents))
    assert [interruption.what for interruption in incident.breaks] == ["interrupted", "resumed"]
    assert [visit.step for visit in incident.visits] == ["door", "network"]
    assert list(unended_runs()) == []


def test_a_runbook_goes_on_when_its_screen_is_left_and_x_stops_it(
    lab: Lab, lab_state: State, incidents: Path
) -> None:
    broken(lab, lab_state, "connect.silent")

    async def story() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            await begin(pilot, "database-unreachable")
            await until_text(pilot, "Can another host")
            await press(pilot, "T")
            await until_text(pilot, "the runbook is running: x stops it")
            await press(pilot, "9")
            await until_text(pilot, "there are 2 answers")
            await press(pilot, "escape")
            await until(pilot, lambda: isinstance(app.screen, Browse))
            await press(pilot, "B")
            await until_text(pilot, "Can another host")
            with pytest.raises(UsageError, match="another run is writing"):
                IncidentLog.resume(only_log(incidents))
            await press(pilot, "x")
            await until_text(pilot, "Not ended: stopped")
            assert isinstance(app.screen, RunbookScreen)
            await press(pilot, "1")
            await until_text(pilot, "there is no question")

    asyncio.run(story())

    assert [interruption.what for interruption in read(only_log(incidents))[0].breaks] == ["interrupted"]


def test_a_runbook_runs_without_its_active_probes_if_they_are_declined(
    lab_state: State, incidents: Path
) -> None:
    async def story() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            await begin(pilot, "after-credential-rotation")
            await until_text(pilot, "rotation sends: ")
            await press(pilot, "n")
            await until_text(pilot, "Do other programs keep a copy")
            await press(pilot, "tab", "k")
            await until_text(pilot, "skipped")

    asyncio.run(story())

    assert read(only_log(incidents))[0].visits[0].outcome == "pass"
