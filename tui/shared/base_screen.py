"""The base class of all screens: status line, message line, keys, and reasons for disabled actions."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from diagnostics.report.model import Report
from diagnostics.report.story import ActKind
from diagnostics.terminal import Role
from kb.text.sanitize import clean
from tui.keys import Action, action_named, actions_of, screens_of_key
from tui.shared.background import run_in_background
from tui.shared.messages import TextSubmitted
from tui.shared.quiet_end import QuietEnd
from tui.shared.state import State
from tui.widgets.bar import Bar, Piece
from tui.widgets.rows import Rows
from tui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from tui.shared.host import Host

NO_TARGET = "no target is chosen: T chooses one"
LAB_STARTING = "the lab is still starting"
NO_LAB = "there is no lab: clearpay-doctor tui --lab starts one"


LARGE = 1_000_000
"""Characters above which a text is scanned as a log, as in `diagnose`."""
CURRENT = "-current"
"""Class of the focused pane, and of the group of panes that it is in."""
SINGLE = "-single"
"""Class of a screen on which one pane is shown."""
ZOOMED = "-zoomed"
"""Class of a screen whose focused pane was enlarged."""
MIN_COLUMNS_OF_PANES = 70
MIN_LINES_OF_PANES = 18
"""Smaller terminals show one pane at a time."""
WIDE_COLUMNS = 100
"""Width from which the lines of status and keys have their long form."""


class BaseScreen(QuietEnd, Screen[None], inherit_bindings=False):
    """A screen of the application. A subclass holds its own state and repaints from it.

    Keys call Textual's `action_*` methods; `DoctorApp.run_action` asks `disabled_reason` first. Textual calls
    `on_*` methods of all classes of a screen, those of the subclass first: they do not call `super()`.
    """

    AUTO_FOCUS = ""
    """Nothing is focused before `on_mount` focuses the widget that keys are for."""
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """The focused widget. Textual's own would paint the whole screen again with each change of the focus."""
    NAME: ClassVar[str]
    """The screen in the table of keys."""
    HEADING: ClassVar[str]
    _message: Piece = Piece("")

    @property
    def host(self) -> "Host":
        """The application."""
        return cast("Host", self.app)

    @property
    def state(self) -> State:
        """The state that all screens share."""
        return self.host.state

    @abstractmethod
    def body(self) -> ComposeResult:
        """Yield the widgets between the status line and the message line."""

    @abstractmethod
    def repaint(self) -> None:
        """Show the state."""

    def disabled_actions(self) -> Mapping[str, str]:
        """Return the actions that are disabled at this moment, with the reasons."""
        return {}

    def compose(self) -> ComposeResult:
        """Yield status line, body, message line and keys."""
        yield Bar(id="status", keeps_right=True)
        yield from self.body()
        yield Bar(id="message")
        yield Bar(id="keys")
        yield TooSmall()

    def on_mount(self) -> None:
        """Show the state for the first time."""
        self._show_panes()
        self._show_message_line()
        self.repaint()
        self.show_keys()

    def on_screen_suspend(self) -> None:
        """Clear the message, which will be outdated when this screen is shown again."""
        self.show_message("")

    def on_screen_resume(self) -> None:
        """Show changes that were made while another screen was shown."""
        self.repaint()
        self.show_keys()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Mark the focused pane and its title."""
        self._mark_panes()

    def _mark_panes(self) -> None:
        """Mark the title of the focused pane; where one pane fills the screen, make it this one.

        Without a focused widget the marks stay.
        """
        if self.focused is None:
            return
        around = set(self.focused.ancestors)
        for pane in self.query(".pane"):
            pane.query_children(Bar).first().mark(marked=pane in around)
        if self.has_class(SINGLE):
            for box in self.query(".pane, .group"):
                box.set_class(box in around, CURRENT)

    def _update_focus_styles(self, focused: Widget | None = None, blurred: Widget | None = None) -> None:
        """Style an input that gets or loses the focus.

        Nothing else is styled by the focus; Textual would paint the whole screen again, 7 KB over ssh.
        """
        if isinstance(focused, Input) or isinstance(blurred, Input):
            super()._update_focus_styles(focused, blurred)

    def on_resize(self) -> None:
        """Show as many panes and keys as the new size allows."""
        self._show_panes()
        self.show_keys()

    def focus_pane(self, step: int) -> None:
        """Focus the pane that is `step` panes further; hidden ones count where one pane fills the screen."""
        single = self.has_class(SINGLE)
        panes = [
            pane for pane in self.query(".pane") if (not pane.has_class("beside") if single else pane.display)
        ]
        if not panes:
            return
        focused = next((index for index, pane in enumerate(panes) if pane.has_focus_within), -1)
        pane = panes[(focused + step) % len(panes)]
        lists = [widget for widget in pane.query("Rows, Pane") if widget.display and widget.can_focus]
        if lists:
            self.set_focus(lists[-1])

    def _show_panes(self) -> None:
        """Let one pane fill the screen if it is enlarged or the terminal is small."""
        size = self.app.size
        small = size.width < MIN_COLUMNS_OF_PANES or size.height < MIN_LINES_OF_PANES
        if small or self.is_zoomed:
            around = set(self.focused.ancestors) if self.focused else set()
            for box in self.query(".pane, .group"):  # first: a hidden widget loses the focus
                box.set_class(box in around, CURRENT)
            self.add_class(SINGLE)
        else:
            self.remove_class(SINGLE)
        self._mark_panes()

    def disabled_reason(self, action: str) -> str:
        """Return the reason why an action is disabled; empty if it is enabled."""
        if action == "app.choose_fault" and self.state.lab is None:
            return LAB_STARTING if self.state.lab_starting else NO_LAB
        if action in {"app.choose_runbook", "app.watch"} and self.state.target is None:
            return NO_TARGET
        return self.disabled_actions().get(action, "")

    def is_enabled(self, action: str) -> bool:
        """Return True if the screen has an action and does not disable it."""
        return action_named(action) in actions_of(self.NAME) and not self.disabled_reason(action)

    def show_message(self, text: str, role: Role | None = None) -> None:
        """Show a sentence in the message line until the next key."""
        self._message = Piece(f" {text}" if text else "", role)
        if self.is_mounted:
            self._show_message_line()

    def _show_message_line(self) -> None:
        self.query_one("#message", Bar).show([self._message])

    def show_status(self, right: str = "") -> None:
        """Show heading and target in the first line, with a text at its right end."""
        target = self.state.target
        heading = (
            [Piece(" clearpay-doctor  ", "dim")] if self.app.size.width >= WIDE_COLUMNS else [Piece(" ")]
        )
        left = [*heading, Piece(self.HEADING, "strong"), Piece("  target: ", "dim")]
        if target is None:
            left += [Piece("none", "dim")]
        elif target.production:
            left += [Piece(" PRODUCTION ", "bad"), Piece(f" {target.name}", "bad")]
        else:
            left += [Piece(target.name)]
        self.query_one("#status", Bar).show(left, f"{right} " if right else "")

    def show_keys(self) -> None:
        """Show the keys that work now in the last line, as many as fit, and always modes, help and quit."""
        always = [action_named(action_id) for action_id in ("app.help", "app.quit")]
        modes = [action for action in actions_of(self.NAME) if action.id.startswith("app.show_mode")]
        ends = [*self._mode_pieces(modes), *(piece for action in always for piece in _key_pieces(action))]
        width = self.app.size.width - sum(len(piece.text) for piece in ends)
        shown: list[Piece] = []
        for action in sorted(actions_of(self.NAME), key=self._rank):
            if not action.rank or action in (*always, *modes) or self.disabled_reason(action.id):
                continue
            pieces = _key_pieces(action)
            if sum(len(piece.text) for piece in (*shown, *pieces)) <= width:
                shown += pieces
        self.query_one("#keys", Bar).show([*shown, *ends])

    def _rank(self, action: Action) -> int:
        """Return the position of an action in the footer: without a target, its choice comes first."""
        return 0 if action.id == "app.choose_target" and self.state.target is None else action.rank

    def _mode_pieces(self, modes: Sequence[Action]) -> list[Piece]:
        """Return the keys of the modes, with their names in a wide terminal."""
        if self.app.size.width >= WIDE_COLUMNS:
            return [piece for action in modes for piece in _key_pieces(action)]
        digits = [Piece(f" {action.keys[0]}", "good", action=action.id) for action in modes]
        return [*digits, Piece(" Modes ")] if modes else []

    @on(Bar.Clicked)
    async def act_on_click(self, message: Bar.Clicked) -> None:
        """Do what the clicked key does."""
        await self.app.run_action(message.action, self)

    @on(Rows.Opened)
    async def open_clicked_row(self) -> None:
        """Do what enter does on the row that was clicked twice."""
        action = next((item.id for item in actions_of(self.NAME) if "enter" in item.keys), "")
        if action:
            await self.app.run_action(action, self)

    def action_elsewhere(self, key: str) -> None:
        """Say where a key works that has no action here."""
        self.show_message(screens_of_key(key), "warn")

    def on_paste(self, event: events.Paste) -> None:
        """Diagnose a pasted text, whichever widget has the focus."""
        event.stop()
        self.submit_text(event.text)

    def submit_text(self, text: str, notice: str = "") -> None:
        """Clean an error text in the background; then Triage opens with it and shows the notice.

        A text over a megabyte is a log: it is scanned, and its timeline opens.

        Keys wait for that, as long as they wait for anything.
        """
        if len(text) > LARGE:
            self.host.scan_text(text)
            return
        self.host.keys.hold()
        run_in_background(lambda: TextSubmitted(clean(text), notice), self.app.post_message, "clean")

    def add_act(self, kind: ActKind, text: str = "") -> None:
        """Remember what was done about the error of the screen."""

    @property
    def current_entry(self) -> str:
        """The id of the entry to copy and to open on the site; empty if there is none."""
        return ""

    @property
    def current_report(self) -> Report | None:
        """The report to copy and to export."""
        return self.state.reports[-1] if self.state.reports else None

    @property
    def current_text(self) -> str:
        """The error text that the editor is given."""
        return ""

    @property
    def draft_text(self) -> str:
        """The draft of an entry for an unknown error."""
        return ""

    def apply_target_change(self) -> None:
        """Show the state for another target."""
        self.repaint()
        self.show_keys()

    def apply_lab_change(self) -> None:
        """Show the state after the lab was repaired; earlier results stay."""
        self.repaint()
        self.show_keys()

    @property
    def is_zoomed(self) -> bool:
        """True if a pane is enlarged."""
        return self.has_class(ZOOMED)

    def end_zoom(self) -> bool:
        """Show all panes again; return False if none was enlarged."""
        zoomed = self.is_zoomed
        if zoomed:
            self.toggle_zoom(None)
        return zoomed

    def action_zoom(self) -> None:
        """Enlarge the focused pane, or show all panes again."""
        self.toggle_zoom(self.focused)

    def toggle_zoom(self, widget: Widget | None) -> None:
        """Enlarge the pane of a widget; show all panes again if one is enlarged or `widget` is None."""
        zoomed = not self.is_zoomed and widget is not None
        self.set_class(zoomed, ZOOMED)
        self._show_panes()
        self.repaint()

    def pane_hint(self, hint: str) -> str:
        """Return the key hint for a pane title."""
        return "esc shows all panes" if self.is_zoomed else hint


def _key_pieces(action: Action) -> list[Piece]:
    """Return key and label of an action for the footer; a click on them does what the key does."""
    return [
        Piece(f" {action.key_names.split()[0]}", "good", action=action.id),
        Piece(f" {action.label} ", action=action.id),
    ]
