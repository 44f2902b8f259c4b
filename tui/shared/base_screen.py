"""The base class of all screens: status line, message line, keys, and reasons for disabled actions."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from diagnostics.report.model import Report
from diagnostics.report.story import ActKind
from diagnostics.terminal import Role
from kb.text.sanitize import clean
from tui.keys import Action, action_named, actions_of
from tui.shared.background import run_in_background
from tui.shared.messages import TextSubmitted
from tui.shared.quiet_end import QuietEnd
from tui.shared.state import State
from tui.widgets.bar import Bar, Piece
from tui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from tui.shared.host import Host

NO_TARGET = "no target is chosen: T chooses one"
LAB_STARTING = "the lab is still starting"
NO_LAB = "there is no lab: clearpay-doctor tui --lab starts one"


class BaseScreen(QuietEnd, Screen[None], inherit_bindings=False):
    """A screen of the application. A subclass holds its own state and repaints from it.

    Keys call Textual's `action_*` methods; `DoctorApp.run_action` asks `disabled_reason` first. Textual calls
    `on_*` methods of all classes of a screen, those of the subclass first: they do not call `super()`.
    """

    AUTO_FOCUS = ""
    """Nothing is focused before `on_mount` focuses the widget that keys are for."""
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
        yield Bar(id="status")
        yield from self.body()
        yield Bar(id="message")
        yield Bar(id="keys")
        yield TooSmall()

    def on_mount(self) -> None:
        """Show the state for the first time."""
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
        """Mark the title of the focused pane."""
        for bar in self.query(".pane > Bar").results(Bar):
            bar.mark(marked=isinstance(bar.parent, Widget) and bar.parent.has_focus_within)

    def on_resize(self) -> None:
        """Show as many keys as the new width allows."""
        self.show_keys()

    def disabled_reason(self, action: str) -> str:
        """Return the reason why an action is disabled; empty if it is enabled."""
        if action == "app.choose_fault" and self.state.lab is None:
            return LAB_STARTING if self.state.lab_starting else NO_LAB
        if action == "app.choose_runbook" and self.state.target is None:
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
        target = self.state.target.name if self.state.target else "none"
        kind = " (production)" if self.state.target and self.state.target.production else ""
        left = [
            Piece(" clearpay-doctor  ", "dim"),
            Piece(self.HEADING, "strong"),
            Piece(f"  target: {target}{kind}", None if self.state.target else "warn"),
        ]
        self.query_one("#status", Bar).show(left, f"{right} ")

    def show_keys(self) -> None:
        """Show the most useful keys in the last line, as many as fit, and always help and quit."""
        width = max(0, self.app.size.width - 20)
        shown: list[Piece] = []
        ranked = sorted((action for action in actions_of(self.NAME) if action.rank), key=lambda a: a.rank)
        for action in (action for action in ranked if action.id not in {"app.help", "app.quit"}):
            pieces = self._key_pieces(action)
            if sum(len(piece.text) for piece in (*shown, *pieces)) <= width:
                shown += pieces
        for action_id in ("app.help", "app.quit"):
            shown += self._key_pieces(action_named(action_id))
        self.query_one("#keys", Bar).show(shown)

    def _key_pieces(self, action: Action) -> list[Piece]:
        role: Role | None = "dim" if self.disabled_reason(action.id) else None
        return [
            Piece(f" {action.key_names.split()[0]}", "dim" if role else "good"),
            Piece(f" {action.label} ", role),
        ]

    def on_paste(self, event: events.Paste) -> None:
        """Diagnose a pasted text, whichever widget has the focus."""
        event.stop()
        self.submit_text(event.text)

    def submit_text(self, text: str, notice: str = "") -> None:
        """Clean an error text in the background; then Triage opens with it and shows the notice.

        Keys wait for that, as long as they wait for anything.
        """
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

    def apply_lab_change(self) -> None:
        """Show the state after the lab was repaired; earlier results stay."""
        self.repaint()

    def action_zoom(self) -> None:
        """Enlarge the focused pane, or show all panes again."""
        self.toggle_zoom(self.focused)

    def toggle_zoom(self, widget: Widget | None) -> None:
        """Enlarge the pane of a widget; show all panes again if one is enlarged or `widget` is None."""
        zoomed = not self.has_class("-zoomed") and widget is not None
        self.set_class(zoomed, "-zoomed")
        for pane in self.query(".pane"):
            pane.set_class(zoomed and widget in {*pane.query("*"), pane}, "-full")
        self.repaint()

    def pane_hint(self, hint: str) -> str:
        """Return the key hint for a pane title."""
        return "esc shows all panes" if self.has_class("-zoomed") else hint
