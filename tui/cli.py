"""The verb `tui`. Textual is imported only when it runs."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from diagnostics.cli.input_text import read_text
from diagnostics.cli.options import selected_targets
from diagnostics.cli.parser import add_knowledge, add_target
from diagnostics.cli.team_folders import kb_folders
from diagnostics.errors import UsageError, printable
from diagnostics.run.knowledge import catalogue_of, index_of
from diagnostics.targets import target_file
from kb.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from kb.records.models import Entry
    from tui.app import DoctorApp
    from tui.shared.lab import RunningLab
    from tui.shared.state import State

EXAMPLE = "clearpay-doctor tui --lab"
NO_TERMINAL = "tui: needs a terminal; in a script or a pipe use diagnose or check"


PLAIN_TERMINALS = frozenset({"dumb", "unknown"})
"""Values of TERM for terminals that cannot move the cursor."""


class Log(NamedTuple):
    """A large log to scan."""

    path: Path
    name: str
    is_temporary: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `tui`."""
    parser.add_argument(
        "subject",
        nargs="?",
        default="",
        metavar="ENTRY|FILE|-",
        help="an entry to open, or a file with an error text to diagnose",
    )
    parser.add_argument("--lab", action="store_true", help="start the lab, or use the one that is running")
    parser.add_argument("--ascii", action="store_true", help="use only ASCII characters")
    add_target(parser)
    add_knowledge(parser)


def run(options: argparse.Namespace) -> int:
    """Run the application, then print the summary. Return 0, or 128 plus the signal that ended it."""
    if not sys.stderr.isatty() or os.environ.get("TERM") in PLAIN_TERMINALS:
        return _plain_text(options)
    folders = kb_folders(options)
    catalogue = catalogue_of(folders)
    log = _large_log(options.subject, catalogue.entries)
    text = "" if log else _error_text(options.subject, catalogue.entries)
    with _keys_from_terminal():
        from diagnostics.history.writer import RunFile  # noqa: PLC0415
        from tui.app import DoctorApp  # noqa: PLC0415  100 ms that only this verb pays
        from tui.runs.kept_runs import KeptRuns  # noqa: PLC0415
        from tui.services.bracketed_paste import install_parser  # noqa: PLC0415
        from tui.services.kept_theme import KeptTheme  # noqa: PLC0415
        from tui.shared.state import State  # noqa: PLC0415
        from tui.style.theme import Symbols  # noqa: PLC0415

        config = target_file.load(options.config)
        targets = selected_targets(config, options, required=False)
        state = State(
            catalogue=catalogue,
            index=index_of(folders),
            config=config,
            target=next(iter(targets), None),
            targets=targets,
            kb=folders,
            kb_option=tuple(options.kb or ()),
            history=KeptRuns(),
            recorder=RunFile.begin,
            themes=KeptTheme(),
            symbols=Symbols(ascii_only=options.ascii or not _terminal_is_unicode()),
        )
        install_parser()
        with _lab(options, state) as lab:
            app = DoctorApp(state, _on_start(options.subject, text, lab, log))
            app.run()
    return _finish(app)


def _plain_text(options: argparse.Namespace) -> int:
    """Print what the screen would show first: for a pipe, and for terminals that cannot move the cursor."""
    from diagnostics.cli.main import dispatch  # noqa: PLC0415  it imports all verbs

    subject, dumb = options.subject, os.environ.get("TERM") in PLAIN_TERMINALS
    if not (subject or dumb):
        raise UsageError(NO_TERMINAL)
    folders = [word for folder in options.kb or () for word in ("--kb", folder)]
    if not subject:
        return dispatch(["list", "entries", *folders])
    if subject != "-" and subject in catalogue_of(kb_folders(options)).entries:
        return dispatch(["explain", subject, *folders])
    targets = [word for name in options.targets for word in ("--target", name)]
    config = ["--config", str(options.config)] if options.config else []
    return dispatch(["diagnose", subject, *targets, *config, *folders])


def _large_log(subject: str, entries: "Mapping[str, Entry]") -> "Log | None":
    """Return the log to scan if the subject, or standard input, is larger than a text to match."""
    from diagnostics.run.large_text import LARGE  # noqa: PLC0415

    if subject and subject != "-":
        is_large = subject not in entries and Path(subject).is_file() and Path(subject).stat().st_size > LARGE
        return Log(Path(subject), Path(subject).name) if is_large else None
    if sys.stdin is None or sys.stdin.isatty():
        return None
    with NamedTemporaryFile(suffix=".log", delete=False) as spool:
        shutil.copyfileobj(sys.stdin.buffer, spool)
        size = spool.tell()
    log = Log(Path(spool.name), "standard input", is_temporary=True)
    if size > LARGE:
        return log
    with log.path.open("rb") as file:
        os.dup2(file.fileno(), 0)  # read again below, with the messages of standard input
    log.path.unlink()
    return None


def _finish(app: "DoctorApp") -> int:
    """Print the summary and return the exit code. Raises the exception that ended the application."""
    from tui.services.summary import summary  # noqa: PLC0415

    sys.stdout.write(summary(app.state, shutil.get_terminal_size().columns))
    if app.failure:
        raise app.failure
    return app.return_code or 0


def _error_text(subject: str, entries: "Mapping[str, Entry]") -> str:
    """Return the text of a file or of standard input; empty if the subject is an entry or absent."""
    if subject == "-" or (not subject and not sys.stdin.isatty()):
        return read_text("-")
    if not subject or subject in entries:
        return ""
    if not Path(subject).exists():
        near = did_you_mean(subject, entries)
        raise UsageError(f"{printable(subject)}: neither an entry nor a file; {near or 'see: list entries'}")
    return read_text(subject)


def _on_start(
    subject: str, text: str, lab: "RunningLab | None", log: Log | None
) -> "Callable[[DoctorApp], None]":
    """Return a function that starts the lab and opens the text, the log or the entry of the command line."""
    from kb.text.sanitize import clean  # noqa: PLC0415
    from tui.entry.screen import EntryScreen  # noqa: PLC0415
    from tui.shared.background import run_in_background  # noqa: PLC0415
    from tui.shared.lab_worker import start_lab  # noqa: PLC0415
    from tui.shared.messages import TextSubmitted  # noqa: PLC0415

    def on_start(app: "DoctorApp") -> None:
        if lab:
            replaced = f" It will replace {app.state.target.name}." if app.state.target else ""
            app.show_message(f"the lab is starting...{replaced}")
            run_in_background(lambda: start_lab(lab), app.post_message, "lab")
        if text:
            app.keys.hold()
            app.post_message(TextSubmitted(clean(text)))
        elif log:
            app.open_log(log.path, log.name, is_temporary=log.is_temporary)
        elif subject:
            app.push_screen(EntryScreen(subject))
        elif len(app.state.targets) > 1:
            app.action_watch()

    return on_start


@contextmanager
def _keys_from_terminal() -> Iterator[None]:
    """Read keys from /dev/tty if standard input is a pipe: Textual reads descriptor 0."""
    if sys.stdin.isatty():
        yield
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        raise UsageError(NO_TERMINAL) from None
    os.dup2(terminal, 0)
    os.close(terminal)
    with open(0, encoding="utf-8", closefd=False) as keys:
        before, sys.__stdin__ = sys.__stdin__, keys  # type: ignore[misc]
        try:
            yield
        finally:
            sys.__stdin__ = before  # type: ignore[misc]


@contextmanager
def _lab(options: argparse.Namespace, state: "State") -> Iterator["RunningLab | None"]:
    """Provide the lab of `--lab`, which starts after the first paint and ends with the application."""
    if not options.lab:
        yield None
        return
    from tui.shared.lab import RunningLab  # noqa: PLC0415

    lab = RunningLab()
    state.lab_starting = True
    try:
        yield lab
    finally:
        lab.close()


def _terminal_is_unicode() -> bool:
    return "utf" in (sys.stderr.encoding or "").lower()
