"""Entries, index and catalogue as commands load them: shipped ones, those of packs, and those of teams.

Matching needs the compiled index alone, so entries are loaded only by functions that return them.
"""

from typing import TYPE_CHECKING, TypeAlias

from diagnostics.packs.installed import installed_packs
from kb.matching.index import Index
from kb.matching.shipped_index import open_index

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from diagnostics.diagnosis.catalogue import Catalogue
    from kb.records.models import Entry


Folders: TypeAlias = "Sequence[str] | str | None"
"""Folders of a team's entries: several, one or none."""


def entries_of(folders: Folders) -> "Mapping[str, Entry]":
    """Return the shipped entries, those of packs and those of the folders.

    Raises InvalidRecord, UsageError.
    """
    if only_shipped(folders):
        from kb.records.loader import load_entries  # noqa: PLC0415  `match` loads the index alone

        return load_entries()
    return catalogue_of(folders).entries


def index_of(folders: Folders) -> Index:
    """Return the index of the same entries, from the cache; one of packs and folders is compiled here."""
    if only_shipped(folders):
        return open_index()
    if not folders:
        from diagnostics.run.pack_cache import index_with_packs  # noqa: PLC0415  for packs only

        return index_with_packs(installed_packs(), lambda: catalogue_of(None).entries)
    if installed_packs():
        from kb.matching.index_compiler import compile_index  # noqa: PLC0415  not needed for the shipped index

        return compile_index(entries_of(folders).values())
    from diagnostics.run.folder_cache import index_with_folders  # noqa: PLC0415  for folders only

    return index_with_folders(folder_list(folders), lambda: entries_of(folders))


def only_shipped(folders: Folders) -> bool:
    """Return True if there are no packs and no folders."""
    return not folders and not installed_packs()


def folder_list(folders: Folders) -> "tuple[str, ...]":
    """Return the folders in their order."""
    return (folders,) if isinstance(folders, str) else tuple(folders or ())


def catalogue_of(folders: Folders) -> "Catalogue":
    """Return the catalogue of probes and of the entries of `entries_of`.

    A pack that is broken is left out, with one line on stderr. Raises UsageError where a folder does not
    exist, InvalidRecord with the problems of its entries.
    """
    from diagnostics.diagnosis.catalogue import Catalogue  # noqa: PLC0415  as in entries_of
    from diagnostics.probes import PROBES  # noqa: PLC0415
    from kb.records.loader import load_entries  # noqa: PLC0415

    shipped = Catalogue(load_entries(), PROBES)
    if only_shipped(folders):
        return shipped
    from diagnostics.run.pack_cache import with_packs  # noqa: PLC0415  for packs and folders only

    places: dict[str, Path] = {}
    catalogue = with_packs(shipped, installed_packs(), places) if installed_packs() else shipped
    if not folders:
        return catalogue
    from diagnostics.run.folder_cache import with_folders  # noqa: PLC0415  for folders only

    return with_folders(catalogue, folder_list(folders), installed_packs(), places)
