"""What screens ask of the application: questions, copies, files, the lab."""

import os
import subprocess
import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from diagnostics.errors import UsageError
from diagnostics.run.selection import require_endpoints
from diagnostics.targets import target_file
from diagnostics.targets.target import Target
from kb.records.errors import InvalidRecord
from kb.records.models import Entry
from tui.dialogs import menus
from tui.dialogs.help import Help
from tui.dialogs.text_input import TextInput
from tui.services.clipboard import copied, to_file
from tui.services.export import SUFFIXES, copy_text, exported
from tui.shared.background import aside
from tui.shared.lab_worker import changed
from tui.style.theme import DARK, LIGHT

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.report.model import Report
    from tui.app import DoctorApp


class RequestHandler:
    """Each method grants one action of the table."""

    def __init__(self, app: "DoctorApp") -> None:
        self.app = app

    def handle(self, action: str) -> None:
        """Do it."""
        request_handler: dict[str, Callable[[], object]] = {
            "quit": self.app.exit,
            "help": self.help,
            "palette": self.app.action_command_palette,
            "theme": self.change_theme,
            "paste": self.paste,
            "edit": self.edit,
            "target": self.choose_target,
            "lab": self.lab,
            "runbook": self.runbook,
            "copy": lambda: self.app.push_screen(menus.copies(self.app.state), self.copy),
            "export": lambda: self.app.push_screen(menus.exports(self.app.state), self.export),
            "site": self.site,
        }
        request_handler[action]()

    def help(self) -> None:
        """The keys of the screen below."""
        if desk := self.app.desk:
            self.app.push_screen(Help(desk.WHERE, desk.refusal))

    def change_theme(self) -> None:
        """Light or dark."""
        self.app.theme = LIGHT.name if self.app.theme == DARK.name else DARK.name

    def runbook(self) -> None:
        """Walk one; what that needs is loaded now."""
        self.app.walking.choose()

    def paste(self) -> None:
        """A line to type; a paste of several lines is taken whole."""
        hint = "Paste a traceback or log lines, or say in a sentence what happens. Secrets are masked."
        self.app.push_screen(TextInput("What do you see?", hint), self._hand_in)

    def _hand_in(self, text: str | None) -> None:
        if text and self.app.desk:
            self.app.desk.hand_in(text)

    def edit(self) -> None:
        """The text in the user's editor."""
        desk = self.app.desk
        text = desk.own_text if desk else ""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "error.txt"
            file.write_text(text, "utf-8")
            editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
            try:
                with self.app.suspend():
                    subprocess.run(["sh", "-c", f'{editor} "$1"', "sh", str(file)], check=False)
            except SuspendNotSupported:
                self.app.say("this terminal cannot be lent to an editor")
                return
            edited = file.read_text("utf-8", "replace")
        if edited != text:
            self._hand_in(edited)

    def choose_target(self) -> None:
        """What is examined."""
        self.app.push_screen(menus.targets(self.app.state), self._target_chosen)

    def _target_chosen(self, name: str | None) -> None:
        if name == menus.ADDRESS:
            hint = "postgresql://role@host:5432/database, https://host/base, host:port, or a path."
            self.app.push_screen(TextInput("What is examined?", hint), self._target_named)
        elif name:
            self._target_named(name)

    def _target_named(self, name: str | None) -> None:
        if not name:
            return
        try:
            target = self._target(name)
            require_endpoints([target])
        except (UsageError, InvalidRecord) as error:
            self.app.say(str(error))
            return
        self.app.state.changed_target(target)
        if desk := self.app.desk:
            desk.target_changed()
            desk.say(f"{target.name} is what is examined from now on")

    def _target(self, name: str) -> Target:
        lab = self.app.state.lab
        if name == target_file.LAB and lab:
            return lab.target()
        return target_file.target_named(name, self.app.state.config)

    def lab(self) -> None:
        """What the lab can break."""
        self.app.push_screen(menus.faults(self.app.state), self._lab_chosen)

    def _lab_chosen(self, finding: str | None) -> None:
        lab = self.app.state.lab
        if not finding or lab is None:
            return
        repairs = finding == menus.REPAIR
        self.app.say("the lab is being repaired..." if repairs else f"the lab is being broken: {finding}...")
        aside(lambda: changed(lab, "" if repairs else finding), self.app.post_message, "lab")

    def copy(self, what: str | None) -> None:
        """Copy what was chosen, and say where it went."""
        if not what:
            return
        desk = self.app.desk
        text = copy_text(what, self._entry(), self.app.state, desk.own_report if desk else None)
        if not text and desk and desk.draft_text:
            text = desk.draft_text
        if text:
            self.copy_text(text)
        else:
            self.app.say(f"there is no {what} to copy yet")

    def copy_text(self, text: str) -> None:
        """Copy a text, and say where it went."""
        try:
            self.app.say(copied(text, self.app.copy_to_clipboard))
        except OSError as error:
            self.app.say(f"nothing was copied: {error}")

    def export(self, name: str | None) -> None:
        """Write a report to a file, and say which."""
        desk = self.app.desk
        if not name or desk is None:
            return
        report: Report | None = desk.own_report
        try:
            if report:
                path = to_file(exported(name, report), report.run_id, SUFFIXES[name])
            elif desk.draft_text:
                path = to_file(desk.draft_text, "draft", "yaml")
            else:
                self.app.say("nothing was run yet")
                return
        except OSError as error:
            self.app.say(f"nothing was written: {error}")
            return
        self.app.state.said.append(f"written: {path}")
        self.app.say(f"written: {path}")

    def site(self) -> None:
        """The entry's page; over ssh there is no browser, so its address is copied."""
        entry = self._entry()
        address = self.app.state.site(entry.id) if entry else ""
        if not address:
            self.app.say("the target names no site_url; enter shows the whole entry here")
        elif os.environ.get("SSH_TTY") or not (
            os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        ):
            self.app.say(f"{address}: {copied(address, self.app.copy_to_clipboard)}")
        else:
            webbrowser.open(address)
            self.app.say(f"opened {address}")

    def _entry(self) -> Entry | None:
        desk = self.app.desk
        return self.app.state.catalogue.entries.get(desk.own_entry) if desk else None
