"""Application of a fix in the terminal below the screen, with the dialogue of the command line.

The screen steps aside, so that the person sees the commands as they run and sudo can ask for a password.
"""

import signal
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from textual.app import SuspendNotSupported

from diagnostics.cli.fixing.execution import Fixing, fixed
from diagnostics.cli.fixing.person import Person
from diagnostics.cli.output import Output
from diagnostics.report.fix_record import FixRecord
from diagnostics.run.examination import Examination, Interrupted, new_report
from kb.records.models import Entry
from tui.shared.host import Host

OPTIONS = {"format": "human", "quiet": False, "output": [], "record": True, "debug": False}
"""The report is printed and recorded, as `fix --apply` does it."""


def apply_fix(host: Host, examination: Examination, entry: Entry) -> FixRecord | None:
    """Offer the steps of an entry's fix and run those that are accepted; return what was done.

    Returns None if the terminal cannot be released.
    """
    try:
        with host.suspend(), _ctrl_c_raises():
            record = _applied(examination, entry)
    except SuspendNotSupported:
        host.show_message("this terminal cannot be released for a fix; use clearpay-doctor fix")
        return None
    host.keys.clear()  # typed while the fix had the terminal
    return record


def _applied(examination: Examination, entry: Entry) -> FixRecord | None:
    output = Output(Namespace(**OPTIONS), new_report(examination))
    fixing = Fixing(Person((), forced=False), terminal=sys.stdin.fileno())
    try:
        report = fixed(examination, entry, "", fixing, output)
    except Interrupted as interrupted:
        report = interrupted.report
    output.write(report)
    sys.stderr.write("\nEnter returns to the screen: ")
    sys.stderr.flush()
    sys.stdin.readline()
    return report.fix


@contextmanager
def _ctrl_c_raises() -> Iterator[None]:
    """Make Ctrl-C interrupt the fix, and not the loop of the screen."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
