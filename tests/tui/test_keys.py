"""The table of keys: bindings, footer, help and the page of keys cannot disagree."""

import ast
from pathlib import Path

import pytest

from tui.app import DoctorApp
from tui.browse.screen import Browse
from tui.entry.screen import EntryScreen
from tui.keys import ACTIONS, ALL_SCREENS, INTERRUPT, MOVES, actions_of
from tui.runbook.screen import RunbookScreen
from tui.runs.screen import Runs
from tui.services.keys_page import keys_page
from tui.timeline.screen import TimelineScreen
from tui.triage.screen import Triage
from tui.watch.screen import WatchScreen
from tui.widgets.pane import Pane
from tui.widgets.rows import Rows

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "tui").rglob("*.py"))
UNSAFE = {"notify", "from_markup", "border_title", "border_subtitle", "Label", "Markdown", "DataTable"}
MAKERS = {ROOT / "tui" / "style" / "safe_text.py", ROOT / "tui" / "style" / "ascii.py"}
"""The modules that make segments and content; the second one only replaces characters."""
SCREENS = (Browse, EntryScreen, Triage, Runs, TimelineScreen, WatchScreen, RunbookScreen)
ALWAYS_DISABLED = {(EntryScreen, "action_cancel"), (EntryScreen, "action_cancel_all")}
"""Their keys only show the reason: the probes of an entry run in Triage."""


def test_the_page_of_keys_is_made_from_the_table() -> None:
    written = (ROOT / "site_docs" / "pages" / "tui-keys.md").read_text("utf-8")

    assert written == keys_page(), "stale: python -m tui.services.keys_page > site_docs/pages/tui-keys.md"


@pytest.mark.parametrize("screen", ALL_SCREENS)
def test_a_key_means_one_thing_on_a_screen(screen: str) -> None:
    keys = [key for action in (*actions_of(screen), *MOVES, INTERRUPT) for key in action.keys]

    assert len(keys) == len(set(keys))


def test_every_action_has_a_method_of_its_screen_or_of_the_application() -> None:
    owners: list[tuple[type, str]] = [
        (owner, f"action_{move.id}") for move in MOVES for owner in (Rows, Pane)
    ]
    for screen in SCREENS:
        for action in actions_of(screen.NAME):
            name = action.id.removeprefix("app.").partition("(")[0]
            owners.append((DoctorApp if action.id.startswith("app.") else screen, f"action_{name}"))

    assert {screen.NAME for screen in SCREENS} == set(ALL_SCREENS)
    missing = {(owner, method) for owner, method in owners if not hasattr(owner, method)}
    assert missing == ALWAYS_DISABLED


def test_no_key_is_one_that_terminals_and_editors_take_for_themselves() -> None:
    taken = {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+s", "ctrl+q", "ctrl+a", "ctrl+b"}

    assert {key for action in (*ACTIONS, *MOVES) for key in action.keys} & taken == set()


def names(tree: ast.AST) -> set[str]:
    """Everything that a module calls or sets by name."""
    called = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return called | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_text_reaches_widgets_only_through_safe_text(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [(node.func.id, node) for node in calls if isinstance(node.func, ast.Name)]
    bare = [call for name, call in named if name == "Static" and call.args]

    assert names(tree) & UNSAFE == set()
    assert bare == [], "give it text by update(), made by safe() or stacked()"
    if path not in MAKERS:
        assert "Segment" not in {name for name, _ in named}, "segments are made by tui.style.safe_text"
        strings = [call for name, call in named if name == "Content"]
        assert all(isinstance(call.args[0], ast.Constant) for call in strings), (
            "content is made by tui.style.safe_text"
        )
