"""Run programs of the lab: the code beside the entries, and the payment job."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from diagnostics.lab.errors import LabError
from diagnostics.lab.programs import payment_job
from kb.records.loader import ENTRIES, load_entries
from kb.records.models import Entry

TIMEOUT_S = 60.0


def before(finding: str) -> Path:
    """Return the program that fails: the flawed code of the entry of a finding, or the payment job."""
    for entry in load_entries().values():
        if entry.before_code and finding in {cause.finding for cause in entry.causes}:
            return _code_path(entry, "before")
    return Path(payment_job.__file__)


def after(entry: Entry) -> Path:
    """Return the correct code of an entry, or the payment job."""
    return _code_path(entry, "after") if entry.after_code else Path(payment_job.__file__)


def run(
    argv: Sequence[str | Path], environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a program and return its result. Raises LabError if it takes longer than 60 s."""
    try:
        return subprocess.run(
            argv,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LabError(f"{' '.join(map(str, argv))}: not done after {TIMEOUT_S:g} s") from None


def _code_path(entry: Entry, which: str) -> Path:
    return ENTRIES / entry.layer / entry.id / f"{entry.id.replace('-', '_')}_{which}.py"
