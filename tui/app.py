"""The application: modes, their order, and an orderly end. What is seen is the screens' business."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.filter import LineFilter
from textual.screen import Screen

from kb.matching.matcher import match
from kb.text.sanitize import Cleaned
from tui.browse.screen import Browse
from tui.runs.screen import Runs
from tui.services.requests import RequestHandler
from tui.shared.background import aside
from tui.shared.base_screen import BaseScreen
from tui.shared.messages import (
    EntryChosen,
    LabChanged,
    LabFailed,
    Matched,
    Requested,
    RunbookProgressed,
    TextArrived,
)
from tui.shared.state import State
from tui.style.ascii import AsciiOnly
from tui.style.theme import DARK, LIGHT, theme_for
from tui.triage.screen import Triage
from tui.triage.session import TriageSession

if TYPE_CHECKING:
    from tui.runbook.sessions import RunbookSessions

TWICE_S = 2.0
"""Seconds within which a second ctrl+c quits."""


def _commands() -> type[Provider]:
    from tui.services.palette import Commands  # noqa: PLC0415  the palette loads when it is opened

    return Commands


class DoctorApp(App[None], inherit_bindings=False):
    """Modes are made once and keep their state."""

    CSS_PATH = "app.tcss"
    TITLE = "clearpay-doctor"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_commands}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "Interrupt", priority=True, system=True)
    ]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        "browse": Browse,
        "triage": Triage,
        "runs": Runs,
    }
    DEFAULT_MODE = "browse"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (70, "-narrow"), (100, "-wide")]  # noqa: RUF012  so in Textual
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (18, "-short"), (30, "-tall"), (44, "-high")]  # noqa: RUF012

    def __init__(self, state: State, opening: Callable[["DoctorApp"], None] | None = None) -> None:
        super().__init__()
        self.state = state
        self.failure: Exception | None = None
        """What broke; the caller says it in one line, without a variable's value."""
        self.request_handler = RequestHandler(self)
        self._opening = opening
        self._interrupted = -TWICE_S
        self.animation_level = "none"
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = theme_for(os.environ)

    def on_mount(self) -> None:
        """Signals; what is slow to import is imported after the first paint."""
        self._leave_on_signals()
        self.call_after_refresh(self._open)

    def _open(self) -> None:
        probes = self.state.catalogue.probes
        threading.Thread(target=lambda: list(probes.values()), name="imports", daemon=True).start()
        if self._opening:
            self._opening(self)

    def _leave_on_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit, None, 128 + number)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every painted line passes: Textual's own for NO_COLOR, and ours for ASCII."""
        own = [AsciiOnly()] if self.state.symbols.ascii_only else []
        return [*super().get_line_filters(), *own]

    @cached_property
    def walking(self) -> "RunbookSessions":
        """Walks of runbooks."""
        from tui.runbook.sessions import RunbookSessions  # noqa: PLC0415  what runbooks need loads with the first of them

        return RunbookSessions(self)

    @property
    def desk(self) -> BaseScreen | None:
        """The screen below all questions."""
        return next(
            (screen for screen in reversed(self.screen_stack) if isinstance(screen, BaseScreen)), None
        )

    def say(self, text: str) -> None:
        """Put a sentence on the screen that is seen."""
        if self.desk:
            self.desk.say(text)

    @on(Requested)
    def handle(self, request: Requested) -> None:
        """Do what a screen cannot do alone."""
        if request.action in self.MODES:
            self.show_mode(request.action)
        else:
            self.request_handler.handle(request.action)

    def show_mode(self, name: str) -> None:
        """Go to a mode, whatever page lies on it."""
        self.switch_mode(name)

    @on(TextArrived)
    def find(self, message: TextArrived) -> None:
        """Rank what a text shows, beside the screen."""
        text, said, index = message.text, message.said, self.state.index
        aside(lambda: Matched(text, match(text, index), said), self.post_message, "match")

    @on(Matched)
    def look_into(self, message: Matched) -> None:
        """Open Triage with a text and its candidates."""
        self.triage(TriageSession(self.state, message.text, message.matches)).say(message.said)

    @on(EntryChosen)
    def look_into_entry(self, message: EntryChosen) -> None:
        """Open Triage with an entry."""
        screen = self.triage(TriageSession(self.state, Cleaned(""), (), message.entry))
        if message.run:
            self.call_after_refresh(screen.run_set)
        if message.verify:
            self.call_after_refresh(screen.verify)

    def triage(self, case: TriageSession) -> Triage:
        """Show a case."""
        self.switch_mode("triage")
        screen = next(one for one in self.screen_stack if isinstance(one, Triage))
        while self.screen is not screen and len(self.screen_stack) > 1:
            self.pop_screen()
        screen.look_into(case)
        return screen

    @on(LabChanged)
    def show_lab(self, message: LabChanged) -> None:
        """The lab was broken or repaired; what its application printed is an error like any other."""
        self.state.with_lab(message.lab, message.target, message.broken)
        if self.desk and message.printed.strip():
            self.desk.hand_in(message.printed, message.said)
            return
        if self.desk:
            self.desk.lab_changed()
        self.say(message.said)

    @on(RunbookProgressed)
    def show_walk(self, message: RunbookProgressed) -> None:
        """A runbook went on."""
        self.walking.went_on(message.walker)

    @on(LabFailed)
    def say_why(self, message: LabFailed) -> None:
        """The lab goes on without it."""
        self.state.lab_starts = False
        self.say(message.said)

    def action_interrupt(self) -> None:
        """ctrl+c: copy a selection, else cancel, else, the second time, quit."""
        selected = self.screen.get_selected_text()
        if selected:
            self.request_handler.copy_text(selected)
        elif self.desk and not self.desk.refusal("run.cancel_all"):
            self.desk.action_act("run.cancel_all")
            self.say("cancelled; ctrl+c twice quits")
        elif time.monotonic() - self._interrupted < TWICE_S:
            self.exit()
        else:
            self._interrupted = time.monotonic()
            self.say("nothing runs; ctrl+c again quits")

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; a runbook that has not ended says so in its log."""
        if "walking" in vars(self):
            self.walking.leave(terminated=bool(return_code))
        super().exit(result, return_code, message)

    def _fatal_error(self) -> None:
        """Leave without Textual's traceback, which shows the values of variables."""
        self.failure = self._exception
        self._close_messages_no_wait()
