"""Records while somebody edits them: those that are valid, and what is wrong with the others."""

from pathlib import Path

from diagnostics.probes import PROBES
from kb.invalid import InvalidRecord
from kb.loader import ENTRIES, entry_files, mirrored
from kb.validate import read_entry
from site_docs.facts import Facts, read_changelog
from site_docs.proof import read_proof


def read_facts(folder: Path = ENTRIES) -> Facts:
    """Read every record anew; one that is broken leaves a page that says why, and the others stay."""
    entries, broken = {}, {}
    for path in entry_files(folder):
        try:
            entries[path.parent.name] = read_entry(path)
        except InvalidRecord as error:
            broken[path.parent.name] = tuple(error.problems)
    return Facts(mirrored(entries), PROBES, read_proof(), read_changelog(), broken=broken)
