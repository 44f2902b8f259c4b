"""Snapshots of the screens, as text and as pictures.

tests/tui/screens/<screen>-<size>.txt is the text for a reviewer, <screen>-<size>-<look>.svg a picture
in dark, in light and without colour. CLEARPAY_WRITE_SCREENS=1 writes them again; look at the difference
before you commit it. Pictures are compared by the position and style of their texts, so that another version
of the exporter makes no difference.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.probes import PROBES
from diagnostics.targets.target import Target
from diagnostics.targets.target_file import Config
from kb.matching.index_compiler import compile_index
from kb.records.loader import load_entries
from kb.records.models import Entry
from tests.support.screen_pictures import coloured, painted, picture
from tests.tui.screen_text import lines, press, settled, until_text
from tui.app import DoctorApp
from tui.dialogs.menus import faults
from tui.shared.state import State
from tui.style.theme import DARK, LIGHT

SNAPSHOTS = Path(__file__).parent / "screens"
SMALL = (59, 15)
ONE_PANE = (60, 16)
SIZES = [(80, 24), (160, 48), ONE_PANE]
KNOWN = ("db-connection-refused", "db-credential-rotation", "db-deadlock", "db-password-rejected")
PASTED = """\
Traceback (most recent call last):
  File "/srv/payments/job.py", line 41, in pay
    session = psycopg2.connect(dsn, password="hunter22hunter")
psycopg2.OperationalError: connection to server at "10.0.0.5", port 5432 failed: FATAL:  password \
authentication failed for user "app_user"
"""


def steady() -> State:
    """Return a state with a few entries, so that a new entry changes no screen."""
    entries = {name: alone(load_entries()[name]) for name in KNOWN}
    return State(Catalogue(entries, PROBES), compile_index(entries.values()), Config())


def alone(entry: Entry) -> Entry:
    """Return an entry without references to entries that are not on the screens."""
    near = tuple(other for other in entry.not_this if other.entry in KNOWN)
    return replace(entry, not_this=near, leads_to=())


async def browse(pilot: Pilot[None]) -> None:
    await until_text(pilot, "known errors")


async def entry(pilot: Pilot[None]) -> None:
    await browse(pilot)
    await press(pilot, "j", "enter")
    await until_text(pilot, "esc back")


async def help_(pilot: Pilot[None]) -> None:
    await browse(pilot)
    await press(pilot, "question_mark")
    await until_text(pilot, "Keys of browse")


async def triage(pilot: Pilot[None]) -> None:
    pilot.app.post_message(events.Paste(PASTED))
    await until_text(pilot, "suspected  db-password-rejected")


async def faults_(pilot: Pilot[None]) -> None:
    await browse(pilot)
    app = pilot.app
    assert isinstance(app, DoctorApp)
    await app.push_screen(faults(app.state))
    await press(pilot, *"layer:database !lock")
    await until_text(pilot, "Break or repair the lab")
    await press(pilot, "down", "down")


async def books(pilot: Pilot[None]) -> None:
    await browse(pilot)
    app = pilot.app
    assert isinstance(app, DoctorApp)
    app.state.set_target(Target("prod", ()))
    app.runbook_sessions.choose()
    await until_text(pilot, "Run a runbook")


async def runbook(pilot: Pilot[None]) -> None:
    await books(pilot)
    await press(pilot, *"picture", "enter")
    await until_text(pilot, "Is it announced?")


SCREENS = {
    "browse": browse, "entry": entry, "help": help_, "triage": triage,
    "lab": faults_, "runbooks": books, "runbook": runbook,
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
    """Write a team's runbook, and use an empty folder of incident logs."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "steady-picture.yaml").write_text(STEADY, "utf-8")


@dataclass(frozen=True)
class Snapshot:
    """The text of a screen, and pictures of it by name."""

    text: str
    pictures: dict[str, str]


async def snapshot(name: str, size: tuple[int, int], kb: Path, themes: Mapping[str, str]) -> Snapshot:
    app = DoctorApp(replace(steady(), kb=(str(kb),)))
    async with app.run_test(size=size) as pilot:
        if size == SMALL:
            await until_text(pilot, "are needed")
        else:
            await SCREENS[name](pilot)
        await settled(pilot)
        text = "\n".join(lines(app)).rstrip() + "\n"
        pictures = {}
        for look, theme in themes.items():
            app.theme = theme
            await settled(pilot)
            pictures[look] = picture(app)
        return Snapshot(text, pictures)


def expected(name: str, now: str) -> str:
    """Return the committed snapshot; write the current one first if the variable is set."""
    file = SNAPSHOTS / name
    if os.environ.get("CLEARPAY_WRITE_SCREENS"):
        file.write_text(now, "utf-8")
    return file.read_text("utf-8")


CASES = [
    *((name, size) for size in SIZES[:2] for name in SCREENS),
    *((name, ONE_PANE) for name in ("browse", "triage", "runbook")),
    ("browse", SMALL),  # too small for any screen: one is enough
]
PICTURED = [
    case
    for case in CASES
    if case[0] in {"browse", "triage"} or (case[1] != (160, 48) and case[0] != "runbooks")
]


def label(value: str | tuple[int, int]) -> str:
    return value if isinstance(value, str) else f"{value[0]}x{value[1]}"


@pytest.mark.parametrize(("name", "size"), CASES, ids=label)
def test_a_screen_looks_as_it_did(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    themes = {"dark": DARK.name, "light": LIGHT.name} if (name, size) in PICTURED else {}

    now = asyncio.run(snapshot(name, size, tmp_path, themes))

    assert now.text == expected(f"{name}-{label(size)}.txt", now.text)
    for look, svg in now.pictures.items():
        assert painted(svg) == painted(expected(f"{name}-{label(size)}-{look}.svg", svg)), look


@pytest.mark.parametrize(("name", "size"), PICTURED, ids=label)
def test_without_colour_a_screen_says_the_same_in_greys(
    name: str, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    now = asyncio.run(snapshot(name, size, tmp_path, {"grey": DARK.name}))
    svg = now.pictures["grey"]

    assert coloured(svg) == []
    assert painted(svg) == painted(expected(f"{name}-{label(size)}-grey.svg", svg))
    assert now.text == (SNAPSHOTS / f"{name}-{label(size)}.txt").read_text("utf-8")


def test_resizing_loses_nothing() -> None:
    async def story() -> None:
        app = DoctorApp(steady())
        async with app.run_test(size=(80, 24)) as pilot:
            await triage(pilot)
            await press(pilot, "tab")
            before = lines(app)
            for width, height in ((59, 15), (60, 16), (160, 48), (80, 24)):
                await pilot.resize_terminal(width, height)
                await pilot.pause(0)
            assert lines(app) == before

    asyncio.run(story())
