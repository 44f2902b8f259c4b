"""From a text to a verified fix, on real servers, by the keys of a user."""

import asyncio
import re

import pytest
from textual import events

from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from tests.tui.screen_text import press, text, until, until_text
from tui.app import DoctorApp
from tui.services.export import exported
from tui.shared.state import State
from tui.triage.screen import Triage
from tui.widgets.rows import Rows

SIZE = (80, 24)


def triage(app: DoctorApp) -> Triage:
    screen = app.base_screen
    assert isinstance(screen, Triage)
    return screen


def candidates(app: DoctorApp) -> dict[str, str]:
    case = triage(app).session
    return {entry: case.verdict(entry) for entry in case.candidates}


@pytest.mark.lab
def test_the_traceback_that_the_lab_printed_leads_to_a_verified_fix(lab: Lab, lab_state: State) -> None:
    inject(lab, "login.stale_credential")
    printed = lab.fail()

    async def story() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            app.post_message(events.Paste(printed))
            await until_text(pilot, "secret masked")
            assert "db-credential-rotation" in text(app)
            await press(pilot, "R")
            await until_text(pilot, "confirmed  db-credential-rotation")
            await until_text(pilot, "ruled out  db-password-rejected")
            assert "supports 1" in text(app)
            await press(pilot, "f")
            await until_text(pilot, "Restart the application")
            assert "<restart_application>" not in text(app)
            await press(pilot, "escape", "v")
            await until_text(pilot, "no answer yet")
            lab.repair()
            await until_text(pilot, "verified: db-credential-rotation is green")
            assert "fixed      db-credential-rotation" in text(app)
            report = triage(app).current_report
            assert report
            assert report.exit_code == 0
            page = exported("markdown", report)
            assert "## Fixed: db-credential-rotation on lab" in page
            assert "Past" not in page
            assert re.search(r"\| login \| fail: login.stale.{1,2}credential.* \| pass", page), page

    asyncio.run(story())


@pytest.mark.lab
def test_the_lab_is_broken_its_output_diagnosed_and_repaired(lab_state: State) -> None:
    async def story() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "L")
            await until_text(pilot, "The lab is healthy")
            await press(pilot, *"connect.refused")
            await until_text(pilot, "1 of ")
            assert "db-connection-refused: " in text(app)
            await press(pilot, "enter")
            await until(pilot, lambda: isinstance(app.base_screen, Triage))
            assert lab_state.lab_finding == "connect.refused"
            await press(pilot, "R")
            await until(pilot, lambda: candidates(app).get("db-connection-refused") == "confirmed")
            await press(pilot, "L")
            await until_text(pilot, "Broken: connect.refused")
            await press(pilot, "enter")
            await until_text(pilot, "the lab is healthy")
            await press(pilot, "v")
            await until_text(pilot, "verified: db-connection-refused is green")

    asyncio.run(story())


@pytest.mark.lab
def test_an_active_probe_runs_only_after_consent(lab: Lab, lab_state: State) -> None:
    inject(lab, "rotation.unfinished")

    async def story() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            app.post_message(events.Paste("FATAL: password authentication failed for user x\nand again"))
            await until_text(pilot, "active: r shows what it sends")
            await press(pilot, "tab")
            rows = triage(app).query_one("#probes", Rows)
            rows.move_to([row.key.split()[0] for row in rows.rows].index("rotation"))
            await press(pilot, "r")
            await until_text(pilot, "rotation sends: Up to three logins")
            await press(pilot, "n")
            await until(pilot, lambda: app.screen is app.base_screen)
            assert not triage(app).runner.busy
            await press(pilot, "r", "y")
            await until_text(pilot, "rotation.unfinished")

    asyncio.run(story())


@pytest.mark.lab
def test_an_entry_is_run_from_browse_and_its_state_is_in_the_list(lab_state: State) -> None:
    async def story() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "slash", *"connection-refused")
            await until_text(pilot, "filter: connection-refused")
            await press(pilot, "enter", "r")
            await until_text(pilot, "pass       db-connection-refused")
            await press(pilot, "enter", "v")
            await until_text(pilot, "verified: db-connection-refused is green")

    asyncio.run(story())


def test_an_unknown_text_offers_a_draft_of_an_entry(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=(100, 40)) as pilot:
            app.post_message(events.Paste("the frobnicator of gizmos\nhas lost its marbles"))
            await until_text(pilot, "No known error matches this text.")
            await until_text(pilot, "Error: no known error matches")
            assert "has lost its marbles" in triage(app).draft_text

    asyncio.run(story())


def test_without_a_target_a_key_that_needs_one_shows_the_reason(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            app.post_message(events.Paste("deadlock detected\nDETAIL: Process 1 waits"))
            await until_text(pilot, "Candidates")
            await press(pilot, "R")
            await until_text(pilot, "Run all: no target is chosen: T chooses one")
            await press(pilot, "L")
            await until_text(pilot, "Lab: there is no lab")

    asyncio.run(story())


def test_the_filter_applies_to_the_list_and_escape_clears_it(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            everything = len(state.catalogue.entries)
            await until_text(pilot, f"{everything} of {everything}")
            await press(pilot, "slash", *"pool !leak state:new")
            await until_text(pilot, "db-pool-exhausted")
            assert "db-pool-leak" not in text(app)
            await press(pilot, "escape")
            await until_text(pilot, f"{everything} of {everything}")

    asyncio.run(story())


def test_several_lines_pasted_into_the_filter_are_diagnosed(state: State) -> None:
    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "slash")
            await pilot.pause(0)
            app.post_message(events.Paste("Traceback\nFATAL: the database system is starting up"))
            await until_text(pilot, "db-starting-up")
            assert isinstance(app.base_screen, Triage)

    asyncio.run(story())


@pytest.mark.lab
def test_an_entry_of_an_active_probe_is_not_verified_without_it(lab: Lab, lab_state: State) -> None:
    inject(lab, "webhook.redirects")
    printed = lab.fail()

    async def story() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            app.post_message(events.Paste(printed))
            await until_text(pilot, "suspected  config-webhook")
            await press(pilot, "v")
            await until_text(pilot, "y  yes, send this every 0.05 s until it is green")
            await press(pilot, "n")
            await until(pilot, lambda: app.screen is app.base_screen)
            assert not triage(app).verification.entry
            await press(pilot, "v", "y")
            await until_text(pilot, "not green yet: config-webhook")
            lab.repair()
            await until_text(pilot, "verified: config-webhook is green")

    asyncio.run(story())


@pytest.mark.lab
def test_the_nearest_entry_can_be_run_though_nothing_matches(lab: Lab, lab_state: State) -> None:
    inject(lab, "currency.minor_unit")

    async def story() -> None:
        app = DoctorApp(lab_state)
        async with app.run_test(size=SIZE) as pilot:
            app.post_message(events.Paste("the minor unit\nof something is two"))
            await until_text(pilot, "No known error matches this text.")
            await until_text(pilot, "nearest    config-currency")
            await press(pilot, "r")
            await until_text(pilot, "confirmed  config-currency")

    asyncio.run(story())
