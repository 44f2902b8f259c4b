"""One table of keys: bindings, footer, help and the page cannot disagree."""

import ast
from pathlib import Path

import pytest

from tui.keys import ACTIONS, EVERYWHERE, INTERRUPT, MOVES, actions_of
from tui.services.keys_page import page

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "tui").rglob("*.py"))
UNSAFE = {"notify", "from_markup", "border_title", "border_subtitle", "Label", "Markdown", "DataTable"}
DOORS = {ROOT / "tui" / "style" / "safe_text.py", ROOT / "tui" / "style" / "ascii.py"}
"""The second one only narrows what the first one made."""


def test_the_page_of_keys_is_made_from_the_table() -> None:
    written = (ROOT / "site_docs" / "pages" / "tui-keys.md").read_text("utf-8")

    assert written == page(), "stale: python -m tui.services.keys_page > site_docs/pages/tui-keys.md"


@pytest.mark.parametrize("where", EVERYWHERE)
def test_a_key_means_one_thing_on_a_screen(where: str) -> None:
    keys = [key for action in (*actions_of(where), *MOVES, INTERRUPT) for key in action.keys]

    assert len(keys) == len(set(keys))


def test_no_key_is_one_that_terminals_and_editors_take_for_themselves() -> None:
    taken = {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+s", "ctrl+q", "ctrl+a", "ctrl+b", "ctrl+z"}

    assert {key for action in (*ACTIONS, *MOVES) for key in action.keys} & taken == set()


def names(tree: ast.AST) -> set[str]:
    """Everything that a module calls or sets by name."""
    called = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return called | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_reaches_a_widget_but_through_the_one_door(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [(node.func.id, node) for node in calls if isinstance(node.func, ast.Name)]
    bare = [call for name, call in named if name == "Static" and call.args]

    assert names(tree) & UNSAFE == set()
    assert bare == [], "give it text by update(), made by safe() or stacked()"
    if path not in DOORS:
        assert "Segment" not in {name for name, _ in named}, "segments are made by tui.style.safe_text"
        strings = [call for name, call in named if name == "Content"]
        assert all(isinstance(call.args[0], ast.Constant) for call in strings), (
            "content is made by tui.style.safe_text"
        )
