"""Facts of a served site: the valid records, and the problems of those that cannot be read."""

from contextlib import suppress
from pathlib import Path

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.packs.installed import installed_packs
from diagnostics.probes import PROBES
from diagnostics.run.additions import with_pack
from diagnostics.run.left_out import leave_out
from diagnostics.runbooks.lookup import read_checked, read_checked_file, shipped_places
from kb.records.errors import InvalidRecord
from kb.records.loader import ENTRIES, entry_files, mirrored
from kb.records.validate import read_entry
from kb.runbook_model.loader import RUNBOOKS, runbook_files
from site_docs.facts import ROOT, Facts, read_changelog, read_pages
from site_docs.markup import entry_path, runbook_path
from site_docs.proof import read_proof
from site_docs.screens import read_screens


def load_live_facts(folder: Path = ENTRIES, runbook_folder: Path = RUNBOOKS) -> Facts:
    """Load and validate every record again; a broken one is kept as its problems, beside the valid ones."""
    valid, runbooks, broken = {}, {}, {}
    for path in entry_files(folder):
        try:
            valid[path.parent.name] = read_entry(path)
        except InvalidRecord as error:
            broken[entry_path(path.parent.name)] = tuple(error.problems)
    catalogue = Catalogue(mirrored(valid), PROBES)
    for pack in installed_packs():
        try:
            catalogue = with_pack(catalogue, pack, {})
        except InvalidRecord as error:
            leave_out(f"pack {pack.name}", error.problems, "is")
    for path in runbook_files(runbook_folder):
        try:
            runbooks[path.stem] = read_checked_file(path, catalogue)
        except InvalidRecord as error:
            broken[runbook_path(path.stem)] = tuple(error.problems)
    for pack in installed_packs():
        with suppress(InvalidRecord):
            runbooks |= read_checked(pack.runbooks, catalogue, shipped_places())
    return Facts(
        *(catalogue.entries, catalogue.probes, runbooks, read_proof(), read_changelog()),
        screens=read_screens(ROOT),
        pages=read_pages(),
        broken=broken,
    )
