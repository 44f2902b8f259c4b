"""Sixteen traps into which other diagnostic tools fell, and what keeps this one out of each.

A row names the test that would fail. What no other file tests stands below the table.
"""

import ast
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

from diagnostics.arguments import FORMAT_NAMES, parser_for
from diagnostics.cli import main
from diagnostics.events import Key, Outcome
from diagnostics.formats import FORMATS
from diagnostics.lab.lab import Lab
from diagnostics.output import PLAIN
from diagnostics.report import Report, Result
from diagnostics.settings import TargetSettings
from diagnostics.verbs import VERBS, load
from tests.proof import looked

ROOT = Path(__file__).parent.parent
HERE = "test_traps.py"
TRAPS = {
    "the exit code differs by format": ("diagnostics/test_exit_codes.py", "a_row_of_the_table"),
    "text stands before or after the JSON": (
        "diagnostics/test_cli.py",
        "stdout_is_one_document_and_the_exit_code_stands_in_it",
    ),
    "a check that was skipped or crashed is absent": (
        HERE,
        "every_probe_that_was_chosen_is_named_in_every_format",
    ),
    "one check that raises ends the run": (
        "diagnostics/test_engine.py",
        "a_probe_that_breaks_is_a_result_and_the_others_go_on",
    ),
    "an empty selection is green": ("diagnostics/test_engine.py", "nothing_that_ran_is_never_green"),
    "a missing permission passes": (
        "test_privileges.py",
        "without_the_grant_nothing_that_looks_at_sessions_is_green",
    ),
    "an option or a setting is declared and never read": (HERE, "every_option_and_every_setting_is_read"),
    "a dependency is declared and never read": (
        "diagnostics/test_engine.py",
        "a_failed_need_blocks_by_name_and_blocks_what_needs_the_blocked",
    ),
    "a failure upstream is reported as many findings": (
        "test_upstream.py",
        "all_that_needs_what_is_down_is_blocked_by_its_name_and_nothing_else_is_blamed",
    ),
    "a fix counts as done without a look": (
        "diagnostics/test_diagnosis.py",
        "verify_is_green_only_where_every_probe_of_the_entry_looked",
    ),
    "a check changes something and does not say so": (
        "diagnostics/clients/test_postgres.py",
        "a_session_only_reads_within_its_timeouts_under_its_own_name",
    ),
    "a secret stands in an error or a report": (
        "test_canaries.py",
        "no_canary_of_a_database_server_comes_out",
    ),
    "a link leads nowhere": ("test_docs.py", "every_link_within_the_repository_leads_somewhere"),
    "what was allowed is invisible or changes the outcome": (
        "diagnostics/probes/test_source.py",
        "an_allowed_hit_is_named_with_its_reason_and_is_no_finding",
    ),
    "a check changes the process around it": (HERE, "no_probe_changes_the_process_around_it"),
    "a prerequisite hangs": (
        "diagnostics/test_engine.py",
        "a_hung_probe_ends_at_its_deadline_and_names_the_step",
    ),
    "a level is obeyed in some formats only": (HERE, "the_level_to_fail_on_is_obeyed_in_every_format"),
}  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
def test_what_keeps_out_of_a_trap_exists(trap: str) -> None:
    file, name = TRAPS[trap]
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))

    assert f"test_{name}" in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}


@pytest.mark.parametrize("outcome", get_args(Outcome))
@pytest.mark.parametrize("name", FORMATS)
def test_every_probe_that_was_chosen_is_named_in_every_format(name: str, outcome: Outcome) -> None:
    result = Result(Key("prod", "https://api.example", "certainly-this-one"), outcome, "for a reason")
    report = Report(
        tool_version="1",
        run_id="20261123T090000Z-abcdef",
        started="2026-11-23T09:00:00+00:00",
        targets=("prod",),
        results=(result,),
    )

    # The one line of nagios has room for counts; it names what is open or slow.
    sign = f"{outcome}=1" if name == "nagios" else "certainly-this-one"
    assert sign in FORMATS[name](report, PLAIN)


def sources(*left_out: str) -> str:
    """The program, without the files of some folders."""
    files = (path for package in ("diagnostics", "tui") for path in (ROOT / package).rglob("*.py"))
    paths = (path for path in files if not set(left_out) & set(path.parts))
    return "\n".join(path.read_text("utf-8") for path in paths)


def names_of(cls: type) -> Iterator[str]:
    """Every key that a target may say, with the names of the tables within."""
    for one in fields(cls):
        yield one.name
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
    options = {action.dest for verb in VERBS for action in parser_for(verb, load(verb))._actions}
    unread = {dest for dest in options - {"help"} if f"options.{dest}" not in commands}
    program = sources("lab", "settings")
    unused = {name for name in names_of(TargetSettings) if not re.search(rf"\.{name}\b", program)}

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

    given = main(["check", "source", "--target", "batch.py", "--format", name, "--fail-on", level])

    assert given == (plugin if name == "nagios" else code)


def process() -> dict[str, object]:
    """What all of a process shares."""
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
    looked(lab)  # what is imported for the first time may add what it needs
    before, threads = process(), set(threading.enumerate())  # hung probes of other tests may be among them

    looked(lab)

    assert process() == before
    assert not [one.name for one in set(threading.enumerate()) - threads if one.name.startswith("probe")]
