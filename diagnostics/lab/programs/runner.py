"""Run programs of the lab: the code beside the entries, and the payment job."""

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics.lab.errors import LabError
from diagnostics.lab.programs import payment_job
from diagnostics.packs.installed import installed_packs
from kb.records.loader import entry_file, load_entries
from kb.records.models import Entry

if TYPE_CHECKING:
    from diagnostics.packs.records import PackRecord

TIMEOUT_S = 60.0


def before(finding: str) -> Path:
    """Return the program that fails: the flawed code of the entry of a finding, or the payment job."""
    for entry in load_entries().values():
        if finding in {cause.finding for cause in entry.causes}:
            return before_of(entry)
    for folder, entry in _records_of_packs():
        if finding in {cause.finding for cause in entry.causes}:
            return before_of(entry, folder)
    return Path(payment_job.__file__)


def before_of(entry: Entry, folder: Path | None = None) -> Path:
    """Return the flawed code of an entry, or the payment job. `folder` is that of the record."""
    return _code_path(entry, "before", folder) if entry.before_code else Path(payment_job.__file__)


def after(entry: Entry, folder: Path | None = None) -> Path:
    """Return the correct code of an entry, or the payment job. `folder` is that of the record."""
    return _code_path(entry, "after", folder) if entry.after_code else Path(payment_job.__file__)


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


def _code_path(entry: Entry, which: str, folder: Path | None) -> Path:
    return (folder or entry_file(entry).parent) / f"{entry.id.replace('-', '_')}_{which}.py"


def _records_of_packs() -> "Iterable[PackRecord]":
    if not installed_packs():
        return ()
    from diagnostics.packs.records import pack_records  # noqa: PLC0415  pydantic; for packs only

    return pack_records()
