"""The application and its current screen, as services and screens use them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from textual.message import Message
from textual.screen import Screen

from diagnostics.report.model import Report
from diagnostics.report.story import ActKind
from tui.shared.state import State

Answer = TypeVar("Answer")


class CurrentScreen(Protocol):
    """The screen below all dialogs."""

    @property
    def current_entry(self) -> str:
        """The id of the entry to copy and to open on the site; empty if there is none."""

    @property
    def current_report(self) -> Report | None:
        """The report to copy and to export."""

    @property
    def current_text(self) -> str:
        """The error text that the editor is given."""

    @property
    def draft_text(self) -> str:
        """The draft of an entry for an unknown error."""

    def submit_text(self, text: str) -> None:
        """Clean and match an error text."""

    def add_act(self, kind: ActKind, text: str = "") -> None:
        """Remember what was done about the error of the screen."""

    def apply_target_change(self) -> None:
        """Show the state for another target."""


class HeldKeys(Protocol):
    """Keys that have not been delivered yet."""

    def hold(self) -> None:
        """Deliver nothing until the work in the background has changed the screen."""

    def clear(self) -> None:
        """Drop what waits."""


class Host(Protocol):
    """The application."""

    state: State

    @property
    def has_ended(self) -> bool:
        """True once the application was told to end."""

    @property
    def keys(self) -> HeldKeys:
        """Keys that have not been delivered yet."""

    @property
    def base_screen(self) -> CurrentScreen | None:
        """The screen below all dialogs."""

    def show_message(self, text: str) -> None:
        """Show a sentence in the message line of the current screen."""

    def scan_text(self, text: str) -> None:
        """Scan a large text, and show its timeline."""

    def push_screen(
        self, screen: Screen[Answer], callback: Callable[[Answer | None], None] | None = None
    ) -> object:
        """Show a screen or a dialog; `callback` receives the answer of a dialog."""

    def post_message(self, message: Message) -> bool:
        """Queue a message for the application."""

    def copy_to_clipboard(self, text: str) -> None:
        """Send a text to the terminal's clipboard (OSC 52)."""

    def suspend(self) -> AbstractContextManager[None]:
        """Release the terminal to another program. Raises SuspendNotSupported."""
