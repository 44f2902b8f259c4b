"""Copies, exported files, and the entry's page of the site."""

import os
import webbrowser

from kb.records.models import Entry
from tui.dialogs import menus
from tui.services.clipboard import copy, write_new_file
from tui.services.export import SUFFIXES, copy_text, exported
from tui.shared.host import Host


def choose_copy(host: Host) -> None:
    """Ask what to copy, and copy it."""
    host.push_screen(menus.copies(host.state), lambda kind: _copy_chosen(host, kind))


def copy_to_clipboard(host: Host, text: str) -> None:
    """Copy a text, and show where it went."""
    try:
        host.show_message(copy(text, host.copy_to_clipboard))
    except OSError as error:
        host.show_message(f"nothing was copied: {error}")


def choose_export(host: Host) -> None:
    """Ask for a format, and write the report to a file."""
    host.push_screen(menus.exports(host.state), lambda name: _export_chosen(host, name))


def open_page(host: Host) -> None:
    """Open the entry's page in a browser; copy its address if there is no display, as over ssh."""
    entry = _entry(host)
    url = host.state.page_url(entry.id) if entry else ""
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not url:
        host.show_message("the target has no site_url; enter shows the whole entry here")
    elif os.environ.get("SSH_TTY") or not has_display:
        host.show_message(f"{url}: {copy(url, host.copy_to_clipboard)}")
    else:
        webbrowser.open(url)
        host.show_message(f"opened {url}")


def _copy_chosen(host: Host, kind: str | None) -> None:
    screen = host.base_screen
    if not kind or screen is None:
        return
    text = copy_text(kind, _entry(host), host.state, screen.current_report) or screen.draft_text
    if text:
        copy_to_clipboard(host, text)
        if kind == "fix":
            screen.add_act("copied", text)
    else:
        host.show_message(f"there is no {kind} to copy yet")


def _export_chosen(host: Host, name: str | None) -> None:
    screen = host.base_screen
    if not name or screen is None:
        return
    report = screen.current_report
    try:
        if report:
            path = write_new_file(exported(name, report), report.run_id, SUFFIXES[name])
        elif screen.draft_text:
            path = write_new_file(screen.draft_text, "draft", "yaml")
        else:
            host.show_message("nothing has been run yet")
            return
    except OSError as error:
        host.show_message(f"nothing was written: {error}")
        return
    host.state.notes.append(f"written: {path}")
    host.show_message(f"written: {path}")


def _entry(host: Host) -> Entry | None:
    screen = host.base_screen
    return host.state.catalogue.entries.get(screen.current_entry) if screen else None
