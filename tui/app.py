"""The application: modes, actions of the application, messages of screens and threads, and its end."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from kb.matching.matcher import Match, match
from kb.text.sanitize import Cleaned, clean
from tui.browse.screen import Browse
from tui.dialogs.help import Help
from tui.keys import INTERRUPT, action_named
from tui.runs.screen import Runs
from tui.services.fault_choice import choose_fault
from tui.services.key_queue import KeyQueue
from tui.services.sharing import choose_copy, choose_export, copy_to_clipboard, open_page
from tui.services.target_choice import choose_target
from tui.services.text_entry import edit_text, enter_text
from tui.shared.background import run_in_background
from tui.shared.base_screen import BaseScreen
from tui.shared.messages import (
    EntryChosen,
    LabChanged,
    LabFailed,
    PasteProgressed,
    RecordChosen,
    RunbookProgressed,
    TargetChosen,
    TextMatched,
    TextSubmitted,
)
from tui.shared.probe_runner import ProbeRunner
from tui.shared.quiet_end import QuietEnd
from tui.shared.state import State
from tui.style.ascii import AsciiOnly
from tui.style.theme import DARK, LIGHT, theme_for
from tui.triage.screen import Triage
from tui.triage.session import TriageSession

if TYPE_CHECKING:
    from textual.actions import ActionParseResult

    from tui.runbook.sessions import RunbookSessions

PROVED_SCORE = 0.95
"""Score of an entry that a scan has proved by a record."""
QUIT_WITHIN_S = 2.0
"""Time within which a second ctrl+c quits."""


def _commands() -> type[Provider]:
    from tui.services.palette import Commands  # noqa: PLC0415  the palette is loaded when it is opened

    return Commands


class DoctorApp(QuietEnd, App[None], inherit_bindings=False):
    """The application. Its modes are created once and keep their state."""

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
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012  so in Textual
        (0, "-tiny"), (60, "-slim"), (70, "-narrow"), (130, "-wide"), (160, "-broad"),
    ]  # fmt: skip
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-low"), (16, "-flat"), (18, "-short"), (30, "-tall"), (44, "-high"),
    ]  # fmt: skip

    def __init__(self, state: State, on_start: Callable[["DoctorApp"], None] | None = None) -> None:
        super().__init__()
        self.state = state
        self.failure: Exception | None = None
        """The exception that ended the application; the caller prints it in one line."""
        self.keys = KeyQueue(self, self._deliver)
        self._on_start = on_start
        self._interrupted = -QUIT_WITHIN_S
        self.animation_level = "none"
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        kept = state.themes.read() if state.themes else ""
        self.theme = kept if kept in {DARK.name, LIGHT.name} else theme_for(os.environ)

    async def on_event(self, event: events.Event) -> None:
        """Deliver keys and pastes one at a time; ctrl+c at once, in place of the keys that wait."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif isinstance(event, events.Key) and event.key == INTERRUPT.keys[0]:
            self.keys.clear()
            await super().on_event(event)
        else:
            self.keys.put(event)

    async def _deliver(self, event: events.Key | events.Paste) -> None:
        await super().on_event(event)

    def on_mount(self) -> None:
        """Install signal handlers; call `on_start` and import the probes after the first paint."""
        self._exit_on_signals()
        self.app_resume_signal.subscribe(self, lambda _: self.call_later(self._paint_all))
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        probes = self.state.catalogue.probes
        threading.Thread(target=lambda: list(probes.values()), name="imports", daemon=True).start()
        self.keys.release()
        if self._on_start:
            self._on_start(self)

    def _paint_all(self) -> None:
        """Paint every widget: another program has had the terminal."""
        for widget in self.screen.walk_children(Widget, with_self=True):
            widget.refresh()

    def _exit_on_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit, None, 128 + number)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of painted lines: Textual's for NO_COLOR, and that of `--ascii`."""
        own = [AsciiOnly()] if self.state.symbols.ascii_only else []
        return [*super().get_line_filters(), *own]

    @cached_property
    def runbook_sessions(self) -> "RunbookSessions":
        """Runs of runbooks; what they need is loaded with the first one."""
        from tui.runbook.sessions import RunbookSessions  # noqa: PLC0415

        return RunbookSessions(self)

    @property
    def has_ended(self) -> bool:
        """True once the application was told to end."""
        return self._exit

    @property
    def base_screen(self) -> BaseScreen | None:
        """The screen below all dialogs."""
        return next(
            (screen for screen in reversed(self.screen_stack) if isinstance(screen, BaseScreen)), None
        )

    def show_message(self, text: str) -> None:
        """Show a sentence in the message line of the current screen."""
        if self.base_screen:
            self.base_screen.show_message(text)

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action as Textual does; show the reason if a screen disables it."""
        screen = default_namespace
        if not isinstance(screen, BaseScreen) or not isinstance(action, str):
            return await super().run_action(action, default_namespace, namespaces)
        name = action if action.startswith("app.") else action.partition("(")[0]
        if reason := screen.disabled_reason(name):
            screen.show_message(f"{action_named(name).label}: {reason}", "warn")
            return True
        screen.show_message("")
        done = await super().run_action(action, screen, namespaces)
        screen.show_keys()
        return done

    # Each of these functions takes the application as its argument.
    action_paste = enter_text
    action_edit_text = edit_text
    action_copy = choose_copy
    action_export = choose_export
    action_open_page = open_page
    action_choose_target = choose_target
    action_choose_fault = choose_fault

    def action_show_mode(self, mode: str) -> None:
        """Show a mode, without the pages that were opened above it."""
        self.switch_mode(mode)
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def action_focus_next(self) -> None:
        """Move to the next pane."""
        if self.base_screen:
            self.base_screen.focus_pane(1)

    def action_focus_previous(self) -> None:
        """Move to the previous pane."""
        if self.base_screen:
            self.base_screen.focus_pane(-1)

    def action_choose_runbook(self) -> None:
        """Show the runbook that is running, or ask which one to run."""
        self.runbook_sessions.choose()

    def action_help(self) -> None:
        """Show the keys of the current screen."""
        if screen := self.base_screen:
            self.push_screen(Help(screen.NAME, screen.disabled_reason))

    def action_command_palette(self) -> None:
        """Open the palette; its cursor does not blink, which would cost bytes over ssh."""
        super().action_command_palette()
        self.call_after_refresh(self._stop_blinking)

    def _stop_blinking(self) -> None:
        for field in self.screen.query(Input):
            field.cursor_blink = False

    def action_toggle_theme(self) -> None:
        """Switch between the light and the dark theme."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name
        if self.state.themes:
            self.state.themes.write(self.theme)

    async def action_interrupt(self) -> None:
        """Copy the selected text, else cancel what is running, else quit the second time (ctrl+c)."""
        selected = self.screen.get_selected_text()
        screen = self.base_screen
        if selected:
            copy_to_clipboard(self, selected)
        elif screen and screen.is_enabled("cancel_all"):
            await self.run_action("cancel_all", screen)
            self.show_message("cancelled; ctrl+c twice quits")
        elif time.monotonic() - self._interrupted < QUIT_WITHIN_S:
            self.exit()
        else:
            self._interrupted = time.monotonic()
            self.show_message("nothing is running; ctrl+c again quits")

    @on(TextSubmitted)
    def match_text(self, message: TextSubmitted) -> None:
        """Match a text against the entries in the background."""
        text, notice, index = message.text, message.notice, self.state.index
        run_in_background(lambda: TextMatched(text, match(text, index), notice), self.post_message, "match")

    @on(TextMatched)
    def diagnose_text(self, message: TextMatched) -> None:
        """Open Triage with a text and its candidates."""
        self.keys.release()
        screen = self.open_triage(TriageSession(self.state, message.text, message.matches))
        screen.show_message(message.notice)

    @on(EntryChosen)
    def diagnose_entry(self, message: EntryChosen) -> None:
        """Open Triage with an entry as the only candidate."""
        screen = self.open_triage(TriageSession(self.state, Cleaned(""), (), message.entry))
        if message.run:
            self.call_after_refresh(screen.action_run_all)
        if message.verify:
            self.call_after_refresh(screen.action_verify)

    @on(RecordChosen)
    def diagnose_record(self, message: RecordChosen) -> None:
        """Open Triage with a record of a log; an entry that it proves is the first candidate."""
        text = clean(message.text)
        matches = match(text, self.state.index)
        own = tuple(item for item in matches if item.entry == message.entry)
        if message.entry and not own:
            own = (self._proved(message),)
        others = (item for item in matches if item.entry != message.entry)
        self.open_triage(TriageSession(self.state, text, (*own, *others)))

    def _proved(self, message: RecordChosen) -> Match:
        """Return the match of a record with the entry that the scan has found, by its unmasked text."""
        title = self.state.catalogue.entries[message.entry].title
        why = (f"the log has: {message.text}",)
        return Match(message.entry, title, PROVED_SCORE, why, (message.text,), proves=True)

    def scan_text(self, text: str) -> None:
        """Write a large text to a private file, scan it, and show its timeline."""
        with NamedTemporaryFile("w", encoding="utf-8", suffix=".log", delete=False) as file:
            file.write(text)
        self.open_log(
            Path(file.name), f"pasted text, {len(text) / 1e6:.1f} million characters", is_temporary=True
        )

    def open_log(self, path: Path, name: str, *, is_temporary: bool = False) -> None:
        """Scan a large log, and show its timeline."""
        from tui.timeline.screen import TimelineScreen  # noqa: PLC0415  for large texts only

        self.push_screen(TimelineScreen(path, name, is_temporary=is_temporary))

    def action_watch(self) -> None:
        """Watch the targets; on that screen, stop or continue."""
        from tui.watch.screen import WatchScreen  # noqa: PLC0415  for those who watch

        if isinstance(self.base_screen, WatchScreen):
            self.base_screen.toggle()
        else:
            self.push_screen(WatchScreen(repeats=True))

    @on(TargetChosen)
    def diagnose_target(self, message: TargetChosen) -> None:
        """Open Triage on a watched target, with an entry that is confirmed on it."""
        target = next((item for item in self.state.all_targets if item.name == message.target), None)
        if target is None:
            return
        self.state.set_target(target)
        if message.entry:
            self.post_message(EntryChosen(message.entry, run=True))
        else:
            self.open_triage(TriageSession(self.state, Cleaned("")))

    @on(PasteProgressed)
    def show_paste_progress(self, message: PasteProgressed) -> None:
        """Show how much of a long paste has arrived."""
        self.show_message(f"reading the paste: {message.characters / 1e6:.1f} million characters")

    def open_triage(self, session: TriageSession) -> Triage:
        """Show a session in Triage, above which no other screen is left."""
        self.switch_mode("triage")
        triage = next(screen for screen in self.screen_stack if isinstance(screen, Triage))
        while self.screen is not triage and len(self.screen_stack) > 1:
            self.pop_screen()
        triage.open_session(session)
        return triage

    @on(LabChanged)
    def show_lab_change(self, message: LabChanged) -> None:
        """Use the changed lab; diagnose the output of its application if there is any."""
        self.keys.release()
        self.state.use_lab(message.lab, message.target, message.finding)
        if self.base_screen and message.printed.strip():
            self.base_screen.submit_text(message.printed, message.notice)
            return
        if self.base_screen:
            self.base_screen.apply_lab_change()
        self.show_message(message.notice)

    @on(LabFailed)
    def show_lab_failure(self, message: LabFailed) -> None:
        """Show why the lab could not be started or changed."""
        self.keys.release()
        self.state.lab_starting = False
        self.show_message(message.notice)

    @on(RunbookProgressed)
    def show_runbook(self, message: RunbookProgressed) -> None:
        """Show the new state of a runbook."""
        self.runbook_sessions.show_progress(message.run_id)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave the application; a runbook that has not ended records the interruption in its log."""
        if "runbook_sessions" in vars(self):
            self.runbook_sessions.stop(terminated=bool(return_code))
        for screen in (screen for stack in self._screen_stacks.values() for screen in stack):
            runner = getattr(screen, "runner", None)
            if isinstance(screen, Triage):
                screen.verification.stop()
            if isinstance(runner, ProbeRunner) and runner.busy and not self._exit:
                self.state.notes.append(f"left in mid-run: {runner.progress_text}; the history has it")
        super().exit(result, return_code, message)

    def _fatal_error(self) -> None:
        """Leave without Textual's traceback, which prints the values of variables."""
        self.failure = self._exception
        self._close_messages_no_wait()
