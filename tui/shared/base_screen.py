"""What every screen has: a status line, a message line, the keys, and a reason for each key that is dead."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from diagnostics.report.model import Report
from diagnostics.terminal import Role
from kb.text.sanitize import clean
from tui.keys import Action, action_named, actions_of
from tui.shared.background import aside
from tui.shared.messages import Requested, TextArrived
from tui.shared.state import State
from tui.widgets.bar import Bar, Piece
from tui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from tui.app import DoctorApp

Handlers = Mapping[str, Callable[[], object]]
NO_TARGET = "nothing is chosen to be examined: T chooses a target"


class BaseScreen(Screen[None], inherit_bindings=False):
    """A screen of the application. Subclasses own their state and repaint from it."""

    WHERE: ClassVar[str]
    TITLE_WORD: ClassVar[str]
    _said: Piece = Piece("")
    """The sentence in the message line."""

    @property
    def state(self) -> State:
        """What all screens share."""
        return cast("DoctorApp", self.app).state

    @abstractmethod
    def body(self) -> ComposeResult:
        """What stands between status and message."""

    @abstractmethod
    def repaint(self) -> None:
        """Show the state."""

    def handlers(self) -> Handlers:
        """What this screen does itself; everything else in the table is asked of the application."""
        return {}

    def refusals(self) -> Mapping[str, str]:
        """Why actions do nothing at this moment, by action; absent where they work."""
        return {}

    def compose(self) -> ComposeResult:
        """Status, body, message, keys."""
        yield Bar(id="status")
        yield from self.body()
        yield Bar(id="message")
        yield Bar(id="keys")
        yield TooSmall()

    def on_mount(self) -> None:
        """Show it for the first time."""
        self._show_said()
        self.repaint()
        self.show_keys()

    def on_screen_suspend(self) -> None:
        """What was said here is old when one comes back."""
        self.say("")

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """The title of the pane that has the keys shows it."""
        for bar in self.query(".pane > Bar").results(Bar):
            bar.mark(marked=isinstance(bar.parent, Widget) and bar.parent.has_focus_within)

    def on_screen_resume(self) -> None:
        """What another screen changed is shown when this one is back."""
        self.repaint()
        self.show_keys()

    def on_resize(self) -> None:
        """What fits into the lines has changed."""
        self.show_keys()

    def refusal(self, action: str) -> str:
        """Why a key does nothing; empty where it does something."""
        if action == "lab" and self.state.lab is None:
            starts = self.state.lab_starts
            return "it is still starting" if starts else "none is used: clearpay-doctor tui --lab starts one"
        if action == "runbook" and self.state.target is None:
            return NO_TARGET
        return self.refusals().get(action, "")

    def action_act(self, action: str) -> None:
        """Do what the table says, or say why not."""
        if reason := self.refusal(action):
            self.say(f"{action_named(action).word}: {reason}", "warn")
            return
        self.say("")
        handler = self.handlers().get(action)
        if handler:
            handler()
        else:
            self.post_message(Requested(action))
        self.show_keys()

    def say(self, text: str, role: Role | None = None) -> None:
        """Put a sentence into the message line; it stays until the next key."""
        self._said = Piece(f" {text}" if text else "", role)
        if self.is_mounted:
            self._show_said()

    def _show_said(self) -> None:
        self.query_one("#message", Bar).show([self._said])

    def status(self, right: str = "") -> None:
        """The first line."""
        target = self.state.target.name if self.state.target else "none"
        kind = " (production)" if self.state.target and self.state.target.production else ""
        left = [
            Piece(" clearpay-doctor  ", "dim"),
            Piece(self.TITLE_WORD, "strong"),
            Piece(f"  target: {target}{kind}", None if self.state.target else "warn"),
        ]
        self.query_one("#status", Bar).show(left, f"{right} ")

    def show_keys(self) -> None:
        """The last line: what can be done here, the most useful first, help and quit always."""
        width = max(0, self.app.size.width - 20)
        shown: list[Piece] = []
        ranked = sorted((a for a in actions_of(self.WHERE) if a.rank), key=lambda a: a.rank)
        for action in (a for a in ranked if a.id not in {"help", "quit"}):
            pieces = self._key(action)
            if sum(len(piece.text) for piece in (*shown, *pieces)) <= width:
                shown += pieces
        for name in ("help", "quit"):
            shown += self._key(action_named(name))
        self.query_one("#keys", Bar).show(shown)

    def _key(self, action: Action) -> list[Piece]:
        role: Role | None = "dim" if self.refusal(action.id) else None
        return [
            Piece(f" {action.shown_keys.split()[0]}", "dim" if role else "good"),
            Piece(f" {action.word} ", role),
        ]

    def on_paste(self, event: events.Paste) -> None:
        """Whatever is pasted anywhere is an error to be found."""
        event.stop()
        self.hand_in(event.text)

    def hand_in(self, text: str, said: str = "") -> None:
        """Clean a text beside the screen; then Triage opens with it, and says where it comes from."""
        aside(lambda: TextArrived(clean(text), said), self.app.post_message, "clean")

    @property
    def own_entry(self) -> str:
        """The id of the entry that copies and the site's page are about; empty where there is none."""
        return ""

    @property
    def own_report(self) -> Report | None:
        """The report that is copied and exported."""
        return self.state.reports[-1] if self.state.reports else None

    @property
    def own_text(self) -> str:
        """The text that may be edited."""
        return ""

    @property
    def draft_text(self) -> str:
        """The draft of a record, where nothing known matches."""
        return ""

    def target_changed(self) -> None:
        """Something else is examined now."""
        self.repaint()

    def lab_changed(self) -> None:
        """The lab was repaired; what was seen before is still shown, and may be verified."""
        self.repaint()

    def zoomed(self, pane: Widget | None) -> None:
        """Give the room of all panes to one, or share it again where one had it."""
        already = self.has_class("-zoomed")
        self.set_class(not already and pane is not None, "-zoomed")
        for widget in self.query(".pane"):
            widget.set_class(
                not already and pane is not None and pane in {*widget.query("*"), widget}, "-full"
            )
        self.repaint()

    def how(self, hint: str) -> str:
        """What the title of a pane says of its keys; of the zoomed one how it gives the room back."""
        return "esc shows all panes" if self.has_class("-zoomed") else hint
