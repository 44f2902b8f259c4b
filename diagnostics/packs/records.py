"""Records of the installed packs, each validated by itself."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from diagnostics.packs.installed import installed_packs
from kb.records.errors import InvalidRecord
from kb.records.loader import entry_files
from kb.records.models import Entry
from kb.records.validate import read_entry


class PackRecord(NamedTuple):
    """Record of a pack, and its folder."""

    folder: Path
    entry: Entry


@cache
def pack_records() -> tuple[PackRecord, ...]:
    """Return the valid records of all installed packs; commands report the others."""
    records = []
    for pack in installed_packs():
        for path in entry_files(pack.entries) if pack.folder else ():
            try:
                records.append(PackRecord(path.parent, read_entry(path)))
            except InvalidRecord:
                continue
    return tuple(records)
