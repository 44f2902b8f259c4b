"""The one table of keys. Bindings, footer, palette, help overlay and the page of keys are made from it."""

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding, BindingType

DESKS: Final = ("browse", "entry", "triage", "runs")
EVERYWHERE: Final = (*DESKS, "runbook")
LISTS: Final = ("lists",)


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a key does."""

    id: str
    keys: tuple[str, ...]
    """As Textual names them; the first is the one that is shown."""
    word: str
    """What the footer says."""
    help: str
    """A sentence for the help and the page."""
    where: tuple[str, ...] = EVERYWHERE
    rank: int = 0
    """The footer shows the lowest first; 0 is for the help alone."""

    @property
    def shown_keys(self) -> str:
        """The keys as a person calls them."""
        return " ".join(NAMES.get(key, key) for key in self.keys)


NAMES: Final = {
    "slash": "/", "question_mark": "?", "escape": "esc", "space": "space", "ctrl+p": "ctrl+p",
    "down": "↓", "up": "↑", "pagedown": "pgdn", "pageup": "pgup",
}  # fmt: skip

MOVES: Final = (
    Action("cursor_down", ("j", "down"), "Down", "Go one row down.", LISTS),
    Action("cursor_up", ("k", "up"), "Up", "Go one row up.", LISTS),
    Action("page_down", ("ctrl+d", "pagedown"), "Page down", "Go half a page down.", LISTS),
    Action("page_up", ("ctrl+u", "pageup"), "Page up", "Go half a page up.", LISTS),
    Action("first", ("g", "home"), "First", "Go to the first row.", LISTS),
    Action("last", ("G", "end"), "Last", "Go to the last row.", LISTS),
)
"""How one moves within any list or text; the widgets do this themselves."""

ACTIONS: Final = (
    Action("run.one", ("r",), "Run", "Run the highlighted probe, or the probes of the entry.",
           ("browse", "entry", "triage"), 1),
    Action("run.set", ("R",), "Run all", "Run the marked ones; else all that the list shows.",
           ("browse", "triage"), 2),
    Action("mark", ("space",), "Mark", "Mark or unmark the highlighted row for the next run.",
           ("browse", "triage"), 9),
    Action("answer", ("enter",), "Answer", "Take the highlighted answer, or go on after something was told.",
           ("runbook",), 1),
    Action("number", tuple("123456789"), "Answer by number", "Take the answer with this number.",
           ("runbook",)),
    Action("run.cancel", ("x",), "Cancel", "Cancel the highlighted probe, else the run or the runbook.",
           ("browse", "entry", "triage", "runbook"), 4),
    Action("run.cancel_all", ("X",), "Cancel all", "Cancel everything that runs or waits.",
           ("browse", "entry", "triage", "runbook")),
    Action("verify", ("v",), "Verify", "Run the probes of the entry until they are green.",
           ("entry", "triage", "runbook"), 3),
    Action("fix", ("f",), "Fix", "Show the fix, its placeholders filled from the target.",
           ("entry", "triage"), 3),
    Action("open", ("enter",), "Open", "Open the row: the whole entry, the evidence, the run.",
           ("browse", "triage", "runs"), 6),
    Action("back", ("escape",), "Back", "One level back; it clears the filter.", EVERYWHERE, 12),
    Action("filter", ("slash",), "Filter", "Filter as you type: words, !word, layer:, state:, severity:.",
           ("browse",), 5),
    Action("paste", ("p",), "Paste error", "Paste or type an error; a paste of several lines needs no key.",
           EVERYWHERE, 5),
    Action("edit", ("e",), "Edit text", "Edit the pasted text in $EDITOR.", ("triage",)),
    Action("copy", ("y",), "Copy", "Copy fix, evidence, link or all; it says where the copy went.",
           EVERYWHERE, 7),
    Action("site", ("o",), "Page", "Open the entry's page of the site; over ssh its address is copied.",
           ("browse", "entry", "triage")),
    Action("export", ("E",), "Export", "Write the report to a file of the working directory.",
           ("entry", "triage", "runs"), 8),
    Action("diff", ("D",), "Diff", "Compare the highlighted run with the one before it.", ("runs",), 3),
    Action("target", ("T",), "Target", "Choose what is examined.", EVERYWHERE, 8),
    Action("runbook", ("B",), "Runbook", "Run a runbook, or go on with one that was left.", EVERYWHERE, 8),
    Action("lab", ("L",), "Lab", "Break or repair the lab.", EVERYWHERE, 9),
    Action("zoom", ("z",), "Zoom", "Give the whole screen to the pane with the focus, and take it back.",
           ("browse", "triage", "runs")),
    Action("pane", ("tab",), "Pane", "Go to the next pane.", ("browse", "triage", "runs", "runbook"),
           10),
    Action("pane_back", ("shift+tab",), "Pane before", "Go to the pane before.",
           ("browse", "triage", "runs", "runbook")),
    Action("browse", ("1",), "Browse", "All known errors.", DESKS, 20),
    Action("triage", ("2",), "Triage", "From a text to a verified fix.", DESKS, 20),
    Action("runs", ("3",), "Runs", "What was run before.", DESKS, 20),
    Action("theme", ("t",), "Light/dark", "Change between light and dark.", EVERYWHERE),
    Action("palette", ("ctrl+p",), "Commands", "Find a command or an entry by its name.", EVERYWHERE, 15),
    Action("help", ("question_mark",), "Help", "What each key does here, and why some do nothing.",
           EVERYWHERE, 30),
    Action("quit", ("q",), "Quit", "Quit at once, whatever still runs. A summary stays on the terminal.",
           EVERYWHERE, 31),
)  # fmt: skip

INTERRUPT: Final = Action(
    "interrupt",
    ("ctrl+c",),
    "Interrupt",
    "Copy what the mouse selected; else cancel what runs; else, pressed twice, quit.",
)
"""The one key that works whatever has the focus."""


def actions_of(where: str) -> tuple[Action, ...]:
    """What can be done on a screen, in the order of the table."""
    return tuple(action for action in ACTIONS if where in action.where)


def action_named(name: str) -> Action:
    """One action by its id. Raises KeyError."""
    return {action.id: action for action in ACTIONS}[name]


def bindings(where: str) -> list[BindingType]:
    """The bindings of a screen: each hands its id to `action_act`, and a number goes to `action_number`."""
    return [
        Binding(key, f"number({key})" if action.id == "number" else f"act({action.id!r})", action.word)
        for action in actions_of(where)
        for key in action.keys
    ]


def moves() -> list[BindingType]:
    """The bindings of a list or a text."""
    return [Binding(",".join(move.keys), move.id, move.word, id=move.id) for move in MOVES]
