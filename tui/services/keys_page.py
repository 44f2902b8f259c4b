"""The page of keys in the documentation, printed by `python -m tui.services.keys_page`."""

import sys
from collections.abc import Iterator, Sequence

from tui.keys import ACTIONS, ALL_SCREENS, INTERRUPT, MODE_SCREENS, MOVES, Action

HEAD = """\
# Keys of the screen

`clearpay-doctor tui` has three modes, a page for each entry and one for a runbook.
A disabled key shows the reason. `?` lists the keys of the current screen,
`ctrl+p` finds a command by name.
The mouse works too.

"""
TITLES = {"browse": "Browse", "entry": "the page of an entry", "triage": "Triage", "runs": "Runs",
          "timeline": "the timeline of a log", "watch": "Watch", "runbook": "a runbook"}  # fmt: skip


def keys_page() -> str:
    """Return the page as Markdown."""
    everywhere = [action for action in ACTIONS if action.screens == ALL_SCREENS]
    modes = [action for action in ACTIONS if action.screens == MODE_SCREENS]
    lines = [*_table("On every screen", [*everywhere, INTERRUPT])]
    lines += _table("On every screen except a runbook, where the digits are answers", modes)
    lines += _table("In lists and texts", MOVES)
    for screen, title in TITLES.items():
        own = [action for action in ACTIONS if screen in action.screens and action not in everywhere + modes]
        lines += _table(f"In {title}", own)
    return HEAD + "\n".join(lines).rstrip() + "\n"


def _table(title: str, actions: Sequence[Action]) -> Iterator[str]:
    yield from (f"## {title}", "", "| key | action |", "|---|---|")
    for action in actions:
        keys = " ".join(f"`{key}`" for key in action.key_names.split())
        yield f"| {keys} | {action.help} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(keys_page())
