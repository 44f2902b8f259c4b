"""Records while somebody edits them: those that are valid, and what is wrong with the others."""

from pathlib import Path

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.probes import PROBES
from diagnostics.runbooks.lookup import read_checked_file
from kb.records.errors import InvalidRecord
from kb.records.loader import ENTRIES, entry_files, mirrored
from kb.records.validate import read_entry
from kb.runbook_model.loader import RUNBOOKS, runbook_files
from site_docs.facts import ROOT, Facts, read_changelog
from site_docs.markup import entry_path, runbook_path
from site_docs.proof import read_proof
from site_docs.screens import read_screens


def read_facts(folder: Path = ENTRIES, runbooks: Path = RUNBOOKS) -> Facts:
    """Read every record anew; one that is broken leaves a page that says why, and the others stay."""
    entries, walks, broken = {}, {}, {}
    for path in entry_files(folder):
        try:
            entries[path.parent.name] = read_entry(path)
        except InvalidRecord as error:
            broken[entry_path(path.parent.name)] = tuple(error.problems)
    known = mirrored(entries)
    for path in runbook_files(runbooks):
        try:
            walks[path.stem] = read_checked_file(path, Catalogue(known, PROBES))
        except InvalidRecord as error:
            broken[runbook_path(path.stem)] = tuple(error.problems)
    screens = read_screens(ROOT)
    return Facts(known, PROBES, walks, read_proof(), read_changelog(), screens=screens, broken=broken)
