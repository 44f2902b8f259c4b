"""Entries and probes that packs and folders add to the shipped ones, validated when they are loaded."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.module_table import JoinedTable
from diagnostics.engine.probe import Probe
from diagnostics.packs.pack import Pack
from diagnostics.packs.probes import probes_of_pack, problems_of_pack
from diagnostics.run.folders import existing
from kb.records.errors import InvalidRecord
from kb.records.loader import entry_file, entry_files
from kb.records.validate import read_folder


def with_pack(catalogue: Catalogue, pack: Pack, places: dict[str, Path]) -> Catalogue:
    """Return the catalogue with the probes and the entries of a pack.

    `places` has the files of entries and probes of packs and folders so far, and gets those of the pack.
    Raises InvalidRecord with all problems.
    """
    problems = list(problems_of_pack(pack))
    problems += [
        f"{pack.probe_file(name)}: another probe has this name: {_place(name, catalogue, places)}"
        for name in pack.probe_names
        if name in catalogue.probes
    ]
    if problems:
        raise InvalidRecord(problems)
    probes = JoinedTable(catalogue.in_python, probes_of_pack(pack))
    merged = _merged(catalogue, pack.entries, probes, places)
    if taken := [name for name in pack.probe_names if name in merged.entries and merged.entries[name].checks]:
        place = _place(taken[0], merged, places)
        raise InvalidRecord(
            [f"{pack.probe_file(taken[0])}: another probe has this name, that of the entry {place}"]
        )
    places |= {name: pack.probe_file(name) for name in pack.probe_names}
    return merged


def with_folder(catalogue: Catalogue, folder: Path, places: dict[str, Path]) -> Catalogue:
    """Return the catalogue with the entries of a folder. Raises UsageError, InvalidRecord."""
    return _merged(catalogue, existing(folder), catalogue.in_python, places)


def _merged(
    catalogue: Catalogue, folder: Path, probes: Mapping[str, Probe], places: dict[str, Path]
) -> Catalogue:
    """Return the catalogue with the entries of a folder; their files are added to `places`."""
    entries = read_folder(folder, catalogue.entries.values(), places)
    own = entries.keys() - catalogue.entries.keys()
    foreign = {name for name in places if name in entries} | own
    merged = Catalogue(entries, probes)
    if problems := list(merged.problems(foreign)):
        raise InvalidRecord(problems)
    places |= {path.parent.name: path for path in entry_files(folder)}
    return merged


def _place(name: str, catalogue: Catalogue, places: Mapping[str, Path]) -> Path:
    """Return the file of a probe: of a pack, of an entry with checks, or a shipped one."""
    if place := places.get(name):
        return place
    entry = catalogue.entries.get(name)
    return entry_file(entry) if entry else Path(str(import_module(f"diagnostics.probes.{name}").__file__))
