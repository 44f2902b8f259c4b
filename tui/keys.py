"""The table of keys: bindings, footer, palette, help and the page of keys are made from it."""

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding, BindingType

MODE_SCREENS: Final = ("browse", "entry", "triage", "runs", "timeline", "watch")
"""Screens on which the digits change the mode; on that of a runbook they are answers."""
ALL_SCREENS: Final = (*MODE_SCREENS, "runbook")
LISTS: Final = ("lists",)


@dataclass(frozen=True, slots=True)
class Action:
    """An action, the keys bound to it, and its texts."""

    id: str
    """The action in Textual: `run_one` is a screen's `action_run_one`, `app.copy` the application's."""
    keys: tuple[str, ...]
    """Names of keys in Textual; the footer shows the first one."""
    label: str
    """The word in the footer and the palette."""
    help: str
    """The sentence in the help and on the page of keys."""
    screens: tuple[str, ...] = ALL_SCREENS
    rank: int = 0
    """Position in the footer, lowest first; an action of rank 0 is only in the help."""
    takes_key: bool = False
    """True if the pressed key is the parameter of the action."""

    @property
    def key_names(self) -> str:
        """The keys as a user knows them, separated by spaces."""
        return " ".join(KEY_NAMES.get(key, key) for key in self.keys)


KEY_NAMES: Final = {
    "slash": "/", "question_mark": "?", "escape": "esc", "space": "space", "ctrl+p": "ctrl+p",
    "down": "↓", "up": "↑", "left": "←", "right": "→", "pagedown": "pgdn", "pageup": "pgup",
}  # fmt: skip

MOVES: Final = (
    Action("cursor_down", ("j", "down"), "Down", "Move down one row.", LISTS),
    Action("cursor_up", ("k", "up"), "Up", "Move up one row.", LISTS),
    Action("page_down", ("ctrl+d", "pagedown"), "Page down", "Move down half a page.", LISTS),
    Action("page_up", ("ctrl+u", "pageup"), "Page up", "Move up half a page.", LISTS),
    Action("first", ("g", "home"), "First", "Move to the first row.", LISTS),
    Action("last", ("G", "end"), "Last", "Move to the last row.", LISTS),
    Action("scroll_left", ("left",), "Left", "Scroll a long command to the left.", LISTS),
    Action("scroll_right", ("right",), "Right", "Scroll a long command to the right.", LISTS),
)
"""Actions of the widgets that hold a list or a text."""

ACTIONS: Final = (
    Action("run_one", ("r",), "Run", "Run the highlighted probe, the entry, or an earlier run again.",
           ("browse", "entry", "triage", "runs", "watch"), 1),
    Action("run_all", ("R",), "Run all", "Run the marked rows, or all rows of the list if none is marked.",
           ("browse", "triage"), 2),
    Action("mark", ("space",), "Mark", "Mark or unmark the highlighted row: to run it, or to compare it.",
           ("browse", "triage", "runs"), 9),
    Action("answer", ("enter",), "Answer", "Give the highlighted answer, or continue after an instruction.",
           ("runbook",), 1),
    Action("answer_number", tuple("123456789"), "Answer by number", "Give the answer with this number.",
           ("runbook",), takes_key=True),
    Action("cancel", ("x",), "Cancel", "Cancel the highlighted probe, else the run or the runbook.",
           ("browse", "entry", "triage", "runs", "timeline", "watch", "runbook"), 4),
    Action("cancel_all", ("X",), "Cancel all", "Cancel everything that is running or waiting.",
           ("browse", "entry", "triage", "runs", "timeline", "watch", "runbook")),
    Action("verify", ("v",), "Verify", "Run the probes of the entry repeatedly until they pass.",
           ("entry", "triage", "runbook"), 3),
    Action("fix", ("f",), "Fix", "Show the fix, its placeholders filled in for the target.",
           ("entry", "triage"), 3),
    Action("apply_fix", ("F",), "Apply fix",
           "Apply the fix, with consent for each step, in the terminal below; then verify.", ("triage",)),
    Action("open", ("enter",), "Open", "Open the whole entry, the evidence or the run of the row.",
           ("browse", "triage", "runs", "timeline", "watch"), 6),
    Action("back", ("escape",), "Back", "Go back one level; clear the filter.", ALL_SCREENS, 12),
    Action("filter", ("slash",), "Filter", "Filter as you type: words, !word, layer:, state:, severity:.",
           ("browse",), 5),
    Action("app.paste", ("p",), "Paste error",
           "Paste or type an error; several lines can be pasted anywhere.", ALL_SCREENS, 5),
    Action("app.edit_text", ("e",), "Edit text", "Edit the pasted text in $EDITOR.", ("triage",)),
    Action("app.copy", ("y",), "Copy", "Copy the fix, the evidence, the link or the report.",
           ALL_SCREENS, 7),
    Action("app.open_page", ("o",), "Page", "Open the entry's page of the site; over ssh, copy its address.",
           ("browse", "entry", "triage")),
    Action("app.export", ("E",), "Export", "Write the report to a file in the working directory.",
           ("entry", "triage", "runs"), 8),
    Action("compare", ("D",), "Diff",
           "Compare the two marked runs, or the highlighted one with the previous one on its targets.",
           ("runs",), 3),
    Action("app.choose_target", ("T",), "Target", "Choose the target to examine.", ALL_SCREENS, 8),
    Action("app.choose_runbook", ("B",), "Runbook", "Run a runbook, or resume one that has not ended.",
           ALL_SCREENS, 8),
    Action("app.choose_fault", ("L",), "Lab", "Break or repair the lab.", ALL_SCREENS, 9),
    Action("app.watch", ("W",), "Watch",
           "Run the quiet probes of all targets every 10 s, and show what changes; W again stops.",
           ALL_SCREENS, 11),
    Action("zoom", ("z",), "Zoom", "Enlarge the focused pane to the whole screen, or show all panes again.",
           ("browse", "triage", "runs", "timeline", "watch")),
    Action("app.focus_next", ("tab",), "Pane", "Move to the next pane.",
           ("browse", "triage", "runs", "timeline", "watch", "runbook"), 10),
    Action("app.focus_previous", ("shift+tab",), "Previous pane", "Move to the previous pane.",
           ("browse", "triage", "runs", "timeline", "watch", "runbook")),
    Action("app.show_mode('browse')", ("1",), "Browse", "Show all known errors.", MODE_SCREENS, 20),
    Action("app.show_mode('triage')", ("2",), "Triage", "Diagnose an error text and verify its fix.",
           MODE_SCREENS, 20),
    Action("app.show_mode('runs')", ("3",), "Runs", "Show earlier runs.", MODE_SCREENS, 20),
    Action("app.suspend_process", ("ctrl+z",), "Suspend", "Stop the program; fg continues it.", ALL_SCREENS),
    Action("app.toggle_theme", ("t",), "Light/dark", "Switch between the light and the dark theme.",
           ALL_SCREENS),
    Action("app.command_palette", ("ctrl+p",), "Commands", "Find a command or an entry by name.",
           ALL_SCREENS, 15),
    Action("app.help", ("question_mark",), "Help", "Show what each key does here, and why some are disabled.",
           ALL_SCREENS, 30),
    Action("app.quit", ("q",), "Quit", "Quit at once, even during a run. A summary stays in the terminal.",
           ALL_SCREENS, 31),
)  # fmt: skip

INTERRUPT: Final = Action(
    "interrupt",
    ("ctrl+c",),
    "Interrupt",
    "Copy the selected text; else cancel what is running; else quit if pressed twice.",
)
"""The only key that works in every widget and dialog."""


def actions_of(screen: str) -> tuple[Action, ...]:
    """Return the actions of a screen, in the order of the table."""
    return tuple(action for action in ACTIONS if screen in action.screens)


def action_named(action_id: str) -> Action:
    """Return the action with this id. Raises KeyError."""
    return {action.id: action for action in ACTIONS}[action_id]


def bindings(screen: str) -> list[BindingType]:
    """Return the bindings of a screen; the keys of other screens only say where they work."""
    own = [
        Binding(key, f"{action.id}({key})" if action.takes_key else action.id, action.label)
        for action in actions_of(screen)
        for key in action.keys
    ]
    taken = {key for action in (*actions_of(screen), *MOVES) for key in action.keys}
    others = {
        key: Binding(key, f"elsewhere('{key}')", action.label)
        for action in ACTIONS
        for key in action.keys
        if key not in taken
    }
    return [*own, *others.values()]


def screens_of_key(key: str) -> str:
    """Return the label of the actions of a key, and the screens that have them."""
    actions = [action for action in ACTIONS if key in action.keys]
    labels = " or ".join(dict.fromkeys(action.label for action in actions))
    screens = ", ".join(dict.fromkeys(screen for action in actions for screen in action.screens))
    return f"{labels}: not here, but in {screens}"


def list_bindings() -> list[BindingType]:
    """Return the bindings of a list or a text."""
    return [Binding(",".join(move.keys), move.id, move.label, id=move.id) for move in MOVES]
