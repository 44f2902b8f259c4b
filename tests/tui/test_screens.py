"""What the screens look like, as text that a reviewer can read: tests/tui/screens/<screen>-<size>.txt.

CLEARPAY_WRITE_SCREENS=1 writes them anew; look at the difference before you commit it.
"""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from diagnostics.catalogue import Catalogue
from diagnostics.config import Config
from diagnostics.probes import PROBES
from diagnostics.target import Target
from kb.compile import compile_index
from kb.loader import load_entries
from kb.models import Entry
from tests.tui.seen import lines, until_text
from tui.app import DoctorApp
from tui.menus import faults
from tui.state import State

SHOWN = Path(__file__).parent / "screens"
SIZES = [(80, 24), (160, 48), (60, 16)]
KNOWN = ("db-connection-refused", "db-credential-rotation", "db-deadlock", "db-password-rejected")
PASTED = """\
Traceback (most recent call last):
  File "/srv/payments/job.py", line 41, in pay
    session = psycopg2.connect(dsn, password="hunter22hunter")
psycopg2.OperationalError: connection to server at "10.0.0.5", port 5432 failed: FATAL:  password \
authentication failed for user "app_user"
"""


def steady() -> State:
    """A few records, so that a new one changes no screen."""
    entries = {name: alone(load_entries()[name]) for name in KNOWN}
    return State(Catalogue(entries, PROBES), compile_index(entries.values()), Config())


def alone(entry: Entry) -> Entry:
    """An entry that names no other than those that are shown."""
    near = tuple(other for other in entry.not_this if other.entry in KNOWN)
    return replace(entry, not_this=near, leads_to=())


async def browse(pilot: Pilot[None]) -> None:
    await until_text(pilot, "known errors")


async def entry(pilot: Pilot[None]) -> None:
    await browse(pilot)
    await pilot.press("j", "enter")
    await until_text(pilot, "esc back")


async def help_(pilot: Pilot[None]) -> None:
    await browse(pilot)
    await pilot.press("question_mark")
    await until_text(pilot, "Keys of browse")


async def triage(pilot: Pilot[None]) -> None:
    pilot.app.post_message(events.Paste(PASTED))
    await until_text(pilot, "1 secret masked")


async def faults_(pilot: Pilot[None]) -> None:
    await browse(pilot)
    app = pilot.app
    assert isinstance(app, DoctorApp)
    await app.push_screen(faults(app.state))
    await pilot.press(*"layer:database !lock")
    await until_text(pilot, "Break or repair the lab")
    await pilot.press("down", "down")


async def books(pilot: Pilot[None]) -> None:
    await browse(pilot)
    app = pilot.app
    assert isinstance(app, DoctorApp)
    app.state.changed_target(Target("prod", ()))
    app.walking.choose()
    await until_text(pilot, "Walk a runbook")


async def walk(pilot: Pilot[None]) -> None:
    await books(pilot)
    await pilot.press(*"picture", "enter")
    await until_text(pilot, "Is it announced?")


SCREENS = {
    "browse": browse, "entry": entry, "help": help_, "triage": triage,
    "lab": faults_, "runbooks": books, "runbook": walk,
}  # fmt: skip
STEADY = """\
title: A runbook for the picture
when: When a screen is to be looked at.
since: 0.1.0
steps:
  - id: announced
    title: Is it announced?
    ask: >-
      Did somebody announce a restart, a failover or maintenance of this database for now?
    then:
      - {answer: "yes", go: wait}
      - {answer: "no", go: owners}
  - id: wait
    title: Let it come up
    green: It comes up by itself.
  - id: owners
    title: Nobody announced it
    escalate: Call the owners of the database.
"""


@pytest.fixture(autouse=True)
def own_runbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A team's runbook, and no log of an earlier test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "steady-picture.yaml").write_text(STEADY, "utf-8")


async def seen(name: str, size: tuple[int, int], kb: Path) -> str:
    app = DoctorApp(replace(steady(), kb=str(kb)))
    async with app.run_test(size=size) as pilot:
        if size == (60, 16):
            await until_text(pilot, "are needed")
        else:
            await SCREENS[name](pilot)
        await pilot.pause()
        return "\n".join(lines(app)).rstrip() + "\n"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_looks_as_it_did(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    if size == (60, 16) and name != "browse":
        pytest.skip("too small for any screen: one is enough")
    file = SHOWN / f"{name}-{size[0]}x{size[1]}.txt"

    now = asyncio.run(seen(name, size, tmp_path))

    if os.environ.get("CLEARPAY_WRITE_SCREENS"):
        file.write_text(now, "utf-8")
    assert now == file.read_text("utf-8")


def test_resizing_loses_nothing() -> None:
    async def story() -> None:
        app = DoctorApp(steady())
        async with app.run_test(size=(80, 24)) as pilot:
            await triage(pilot)
            await pilot.press("tab")
            before = lines(app)
            for width, height in ((60, 16), (160, 48), (80, 24)):
                await pilot.resize_terminal(width, height)
                await pilot.pause()
            assert lines(app) == before

    asyncio.run(story())
