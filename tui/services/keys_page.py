"""The page of keys, printed by `python -m tui.services.keys_page`; a test keeps the file equal."""

import sys
from collections.abc import Iterator

from tui.keys import ACTIONS, DESKS, EVERYWHERE, INTERRUPT, MOVES, Action

HEAD = """\
# Keys of the screen

`clearpay-doctor tui` has three modes, a page for each entry and one for a runbook.
A key that does nothing says why. `?` lists the keys of the screen that is seen,
`ctrl+p` finds a command by its name.
The mouse works and is never needed.

"""
TITLES = {"browse": "Browse", "entry": "an entry's page", "triage": "Triage", "runs": "Runs",
          "runbook": "a runbook"}  # fmt: skip


def page() -> str:
    """The whole page, as Markdown."""
    lines = [*_table("On every screen", [one for one in ACTIONS if one.where == EVERYWHERE] + [INTERRUPT])]
    away = [one for one in ACTIONS if one.where == DESKS]
    lines += _table("On every screen but a runbook, where a number is an answer", away)
    lines += _table("In lists and texts", MOVES)
    for where, title in TITLES.items():
        own = [one for one in ACTIONS if where in one.where and one.where not in {DESKS, EVERYWHERE}]
        lines += _table(f"In {title}", own)
    return HEAD + "\n".join(lines).rstrip() + "\n"


def _table(title: str, actions: "list[Action] | tuple[Action, ...]") -> Iterator[str]:
    yield from (f"## {title}", "", "| key | does |", "|---|---|")
    for action in actions:
        keys = " ".join(f"`{key}`" for key in action.shown_keys.split())
        yield f"| {keys} | {action.help} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
