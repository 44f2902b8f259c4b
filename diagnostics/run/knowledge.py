"""Entries, index and catalogue as commands load them: shipped ones, and those of teams beside them.

Matching needs the compiled index alone, so entries are loaded only by functions that return them.
"""

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from diagnostics.errors import UsageError, printable
from kb.matching.index import Index
from kb.matching.shipped_index import open_index
from kb.records.errors import InvalidRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnostics.diagnosis.catalogue import Catalogue
    from kb.records.models import Entry


Folders: TypeAlias = "Sequence[str] | str | None"
"""Folders of a team's entries: several, one or none."""


def entries_of(folders: Folders) -> "Mapping[str, Entry]":
    """Return the shipped entries and those of the folders. Raises InvalidRecord, UsageError."""
    if not folders:
        from kb.records.loader import load_entries  # noqa: PLC0415  `match` loads the index alone

        return load_entries()
    return catalogue_of(folders).entries


def index_of(folders: Folders) -> Index:
    """Return the index of the same entries; one with a team's entries is compiled here."""
    if not folders:
        return open_index()
    from kb.matching.index_compiler import compile_index  # noqa: PLC0415  not needed for the shipped index

    return compile_index(entries_of(folders).values())


def folder_list(folders: Folders) -> "tuple[str, ...]":
    """Return the folders in their order."""
    return (folders,) if isinstance(folders, str) else tuple(folders or ())


def catalogue_of(folders: Folders) -> "Catalogue":
    """Return the catalogue of probes and of the entries of `entries_of`.

    Raises UsageError where a folder does not exist, InvalidRecord with the problems of its entries.
    """
    from diagnostics.diagnosis.catalogue import Catalogue  # noqa: PLC0415  as in entries_of
    from diagnostics.probes import PROBES  # noqa: PLC0415
    from kb.records.loader import load_entries  # noqa: PLC0415

    entries = load_entries()
    if not folders:
        return Catalogue(entries, PROBES)
    from kb.records.validate import read_folder  # noqa: PLC0415  pydantic; shipped entries are not validated here

    merged: Mapping[str, Entry] = entries
    for folder in folder_list(folders):
        if not Path(folder).is_dir():
            name = printable(folder)
            raise UsageError(f"--kb {name}: is not a folder; expected <layer>/<id>/entry.yaml below it")
        merged = read_folder(Path(folder), merged.values())
    catalogue = Catalogue(merged, PROBES)
    if problems := list(catalogue.problems(catalogue.entries.keys() - entries.keys())):
        raise InvalidRecord(problems)
    return catalogue
