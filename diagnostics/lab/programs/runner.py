"""Programs that the lab runs: the code beside the records, and the payment job."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from diagnostics.lab.errors import LabError
from diagnostics.lab.programs import payment_job
from kb.records.loader import ENTRIES, load_entries
from kb.records.models import Entry

PATIENCE_S = 60.0


def before(finding: str) -> Path:
    """The program that fails: the code of the entry that claims the finding, else the payment job."""
    for entry in load_entries().values():
        if entry.before_code and finding in {cause.finding for cause in entry.causes}:
            return _beside(entry, "before")
    return Path(payment_job.__file__)


def after(entry: Entry) -> Path:
    """The program that does the same job right, else the payment job."""
    return _beside(entry, "after") if entry.after_code else Path(payment_job.__file__)


def run(
    argv: Sequence[str | Path], environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end. Raises LabError where it takes longer than 60 s."""
    try:
        return subprocess.run(
            argv,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LabError(f"{' '.join(map(str, argv))}: not done after {PATIENCE_S:g} s") from None


def _beside(entry: Entry, which: str) -> Path:
    return ENTRIES / entry.layer / entry.id / f"{entry.id.replace('-', '_')}_{which}.py"
