"""Subjects of the contract: the shipped entries, those of a pack, or those of folders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from diagnostics.diagnosis.catalogue import MANUAL, Catalogue, probe_of
from diagnostics.errors import UnknownName
from diagnostics.lab.faults import FAULTS
from diagnostics.lab.faults.declared import declared_faults
from diagnostics.lab.faults.fault import Fault
from diagnostics.packs.installed import installed_packs
from diagnostics.probes import PROBES
from diagnostics.run.additions import with_folder, with_pack
from diagnostics.runbooks.lookup import FOLDER, read_checked, shipped_places
from kb.matching.index import Index
from kb.matching.index_compiler import compile_index
from kb.matching.shipped_index import load_index
from kb.records.loader import load_entries
from kb.records.models import Entry
from kb.runbook_model.model import Runbook
from kb.text.suggestions import did_you_mean


@dataclass(frozen=True)
class Subject:
    """Entries whose findings are proven, in a catalogue with all shipped ones."""

    catalogue: Catalogue
    own: frozenset[str]
    """Ids of the entries that are proven."""
    faults: Mapping[str, Fault]
    """Faults of their findings."""
    places: Mapping[str, Path]
    """Files of entries that are not shipped, by id."""
    runbooks: Mapping[str, Runbook]

    @cached_property
    def index(self) -> Index:
        """Index of all entries of the catalogue."""
        shipped = self.catalogue.entries is load_entries()
        return load_index() if shipped else compile_index(self.catalogue.entries.values())

    @cached_property
    def entries(self) -> list[Entry]:
        """Entries that are proven."""
        return [self.catalogue.entries[entry_id] for entry_id in sorted(self.own)]

    @cached_property
    def findings(self) -> list[str]:
        """Findings of these entries that a fault has to produce, or can: without one, a person checks it."""
        claimed = [cause.finding for entry in self.entries for cause in entry.causes]
        return [code for code in claimed if probe_of(code) != MANUAL or code in self.faults]

    def folder_of(self, entry: Entry) -> Path | None:
        """Return the folder of an entry; None for a shipped one."""
        return place.parent if (place := self.places.get(entry.id)) else None


@cache
def shipped() -> Subject:
    """Return the shipped entries as a subject."""
    catalogue = Catalogue(load_entries(), PROBES)
    return Subject(catalogue, frozenset(catalogue.entries), FAULTS, {}, {})


@cache
def pack_named(name: str) -> Subject:
    """Return the entries of an installed pack. Raises UnknownName, InvalidRecord with all problems."""
    packs = {pack.name: pack for pack in installed_packs()}
    if name not in packs:
        near = did_you_mean(name, packs) or "install it first: pip install --editable ."
        raise UnknownName(f"{name}: no installed pack has this name; {near}")
    pack = packs[name]
    places: dict[str, Path] = {}
    before = shipped().catalogue
    catalogue = with_pack(before, pack, places)
    faults = {**_declared(catalogue, before), **pack.faults()}
    runbooks = read_checked(pack.runbooks, catalogue, shipped_places())
    return Subject(catalogue, _added(catalogue, before), faults, places, runbooks)


@cache
def folders(*names: str) -> Subject:
    """Return the entries of a team's folders. Raises UsageError, InvalidRecord with all problems."""
    before = catalogue = shipped().catalogue
    places: dict[str, Path] = {}
    runbooks: dict[str, Runbook] = {}
    for name in names:
        catalogue = with_folder(catalogue, Path(name), places)
        runbooks |= read_checked(Path(name) / FOLDER, catalogue, shipped_places())
    own = _added(catalogue, before)
    return Subject(catalogue, own, _declared(catalogue, before), places, runbooks)


def _added(catalogue: Catalogue, before: Catalogue) -> frozenset[str]:
    return frozenset(catalogue.entries.keys() - before.entries.keys())


def _declared(catalogue: Catalogue, before: Catalogue) -> dict[str, Fault]:
    added: Iterable[str] = _added(catalogue, before)
    return declared_faults(catalogue.entries[entry_id] for entry_id in added)
