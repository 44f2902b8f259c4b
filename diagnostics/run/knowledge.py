"""What is known, for verbs that run no probe. Matching needs no records: they load when asked for."""

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
    """The shipped records and a team's own. Raises what `catalogue_of` raises."""
    if folder is None:
        from kb.records.loader import load_entries  # noqa: PLC0415  `match` needs the index alone

        return load_entries()
    return catalogue_of(folder).entries


def index_of(folder: str | None) -> Index:
    """The index over the same records."""
    if folder is None:
        return load_index()
    from kb.matching.index_compiler import compile_index  # noqa: PLC0415  the shipped index is kept compiled

    return compile_index(entries_of(folder).values())


def catalogue_of(folder: str | None) -> "Catalogue":
    """The shipped records, with a team's own beside them. Raises InvalidRecord, UsageError."""
    from diagnostics.diagnosis.catalogue import Catalogue  # noqa: PLC0415  as for entries
    from diagnostics.probes import PROBES  # noqa: PLC0415
    from kb.records.loader import load_entries  # noqa: PLC0415

    entries = load_entries()
    if folder is None:
        return Catalogue(entries, PROBES)
    if not Path(folder).is_dir():
        raise UsageError(f"--kb {folder}: is no folder; expected <layer>/<id>/entry.yaml below it")
    from kb.records.validate import read_folder  # noqa: PLC0415  only foreign records are validated here

    catalogue = Catalogue(read_folder(Path(folder), entries.values()), PROBES)
    if problems := list(catalogue.problems(catalogue.entries.keys() - entries.keys())):
        raise InvalidRecord(problems)
    return catalogue
