"""Entries, index and catalogue as commands load them: shipped ones, and a team's own beside them.

Matching needs the compiled index alone, so entries are loaded only by functions that return them.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics.errors import UsageError
from kb.matching.index import Index
from kb.matching.shipped_index import load_index
from kb.records.errors import InvalidRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.diagnosis.catalogue import Catalogue
    from kb.records.models import Entry


def entries_of(folder: str | None) -> "Mapping[str, Entry]":
    """Return the shipped entries and those of a team's folder. Raises InvalidRecord, UsageError."""
    if folder is None:
        from kb.records.loader import load_entries  # noqa: PLC0415  `match` loads the index alone

        return load_entries()
    return catalogue_of(folder).entries


def index_of(folder: str | None) -> Index:
    """Return the index of the same entries; one with a team's entries is compiled here."""
    if folder is None:
        return load_index()
    from kb.matching.index_compiler import compile_index  # noqa: PLC0415  not needed for the shipped index

    return compile_index(entries_of(folder).values())


def catalogue_of(folder: str | None) -> "Catalogue":
    """Return the catalogue of probes and of the entries of `entries_of`.

    Raises UsageError where the folder does not exist, InvalidRecord with the problems of its entries.
    """
    from diagnostics.diagnosis.catalogue import Catalogue  # noqa: PLC0415  as in entries_of
    from diagnostics.probes import PROBES  # noqa: PLC0415
    from kb.records.loader import load_entries  # noqa: PLC0415

    entries = load_entries()
    if folder is None:
        return Catalogue(entries, PROBES)
    if not Path(folder).is_dir():
        raise UsageError(f"--kb {folder}: is not a folder; expected <layer>/<id>/entry.yaml below it")
    from kb.records.validate import read_folder  # noqa: PLC0415  pydantic; shipped entries are not validated here

    catalogue = Catalogue(read_folder(Path(folder), entries.values()), PROBES)
    if problems := list(catalogue.problems(catalogue.entries.keys() - entries.keys())):
        raise InvalidRecord(problems)
    return catalogue
