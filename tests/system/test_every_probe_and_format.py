"""Properties of every probe, option, setting and format."""

import locale
import logging
import os
import re
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from diagnostics.cli.command_table import COMMANDS, load
from diagnostics.cli.main import main
from diagnostics.cli.output import PLAIN
from diagnostics.cli.parser import parser_for
from diagnostics.engine.events import Key, Outcome
from diagnostics.lab.lab import Lab
from diagnostics.report.formats import FORMAT_NAMES, FORMATS
from diagnostics.report.model import Report, Result
from diagnostics.targets.settings import TargetSettings
from diagnostics.targets.settings.files import Names
from tests.support.proof import check_lab

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("outcome", get_args(Outcome))
@pytest.mark.parametrize("name", FORMATS)
def test_every_probe_that_was_chosen_is_named_in_every_format(name: str, outcome: Outcome) -> None:
    result = Result(Key("prod", "https://api.example", "a-unique-probe"), outcome, "for a reason")
    report = Report(
        tool_version="1",
        run_id="20261123T090000Z-abcdef",
        started="2026-11-23T09:00:00+00:00",
        targets=("prod",),
        results=(result,),
    )

    # Nagios has one line, with counts instead of names.
    sign = f"{outcome}=1" if name == "nagios" else "a-unique-probe"
    assert sign in FORMATS[name](report, PLAIN)


def sources(*left_out: str) -> str:
    """Return the source code of the program, without some folders."""
    files = (path for package in ("diagnostics", "tui") for path in (ROOT / package).rglob("*.py"))
    paths = (path for path in files if not set(left_out) & set(path.parts))
    return "\n".join(path.read_text("utf-8") for path in paths)


def names_of(cls: type) -> Iterator[str]:
    """Yield every key of a target, including those of its tables."""
    for field in fields(cls):
        yield field.name
    hints = get_type_hints(cls)
    inner = {
        part
        for hint in hints.values()
        for part in (hint, *get_args(hint))
        if isinstance(part, type) and is_dataclass(part)
    }
    for part in inner:
        yield from names_of(part)


def test_every_option_and_every_setting_is_read() -> None:
    commands = sources("lab")
    options = {action.dest for verb in COMMANDS for action in parser_for(verb, load(verb))._actions}
    unread = {dest for dest in options - {"help"} if f"options.{dest}" not in commands}
    # Settings are also read by the name of their field, and by methods of their own table.
    methods = re.findall(r"self\.\w+", sources("lab"))
    program = "\n".join([sources("lab", "settings"), *methods])
    mapped = {item.name for item in fields(Names)}  # the readers of configurations take the table as a whole
    named = set(names_of(TargetSettings)) - mapped
    unused = {name for name in named if not re.search(rf"[.\"]{name}\b", program)}

    assert (unread, unused) == (set(), set())


FLAW = (
    "def pay(cursor, rows):\n    for row in rows:\n        cursor.execute('INSERT INTO t VALUES (%s)', row)\n"
)


@pytest.mark.usefixtures("own_place")
@pytest.mark.parametrize("name", FORMAT_NAMES)
@pytest.mark.parametrize(("level", "code", "plugin"), [("fail", 0, 1), ("warn", 1, 2)])
def test_the_level_to_fail_on_is_obeyed_in_every_format(
    name: str, level: str, code: int, plugin: int, tmp_path: Path
) -> None:
    (tmp_path / "batch.py").write_text(FLAW)

    exit_code = main(["check", "source", "--target", "batch.py", "--format", name, "--fail-on", level])

    assert exit_code == (plugin if name == "nagios" else code)


def process() -> dict[str, object]:
    """Return the state that all code of a process shares."""
    mask = os.umask(0o077)
    os.umask(mask)
    return {
        "environment": dict(os.environ),
        "folder": Path.cwd(),
        "umask": mask,
        "locale": locale.setlocale(locale.LC_ALL),
        "timeout": socket.getdefaulttimeout(),
        "handlers": list(logging.getLogger().handlers),
        "level": logging.getLogger().level,
        "disabled": logging.root.manager.disable,
        "warnings": list(warnings.filters),
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "switching": sys.getswitchinterval(),
        "path": list(sys.path),
        "excepthook": sys.excepthook,
    }


@pytest.mark.lab
def test_no_probe_changes_the_process_around_it(lab: Lab) -> None:
    check_lab(lab)  # the first import of a module may change the state
    before, threads = process(), set(threading.enumerate())  # other tests may have left hung probes

    check_lab(lab)

    assert process() == before
    assert not [
        thread.name for thread in set(threading.enumerate()) - threads if thread.name.startswith("probe")
    ]
