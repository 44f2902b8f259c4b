"""A team's entries from a cache: their records are validated and compiled when a file changes."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagnostics.run.folders import existing
from kb.matching.index import Index
from kb.matching.shipped_index import index_sources, open_cached_index
from kb.records.cache import cached

if TYPE_CHECKING:
    from diagnostics.diagnosis.catalogue import Catalogue
    from diagnostics.packs.pack import Pack
    from kb.records.models import Entry


def with_folders(
    catalogue: "Catalogue", folders: Sequence[str], packs: "Sequence[Pack]", places: dict[str, Path]
) -> "Catalogue":
    """Return a catalogue with the entries of folders; `places` has the files of those of packs.

    Raises UsageError where a folder does not exist, InvalidRecord with the problems of its entries.
    """
    from diagnostics.diagnosis.catalogue import Catalogue  # noqa: PLC0415  `match` loads the index alone
    from kb.records.loader import entry_files, with_added  # noqa: PLC0415  as above

    before = sorted(catalogue.entries)

    def validated() -> dict[str, Any]:
        from diagnostics.run.additions import with_folder  # noqa: PLC0415  pydantic; not needed with a warm cache
        from kb.records.loader import raw_entry  # noqa: PLC0415  as above

        merged = catalogue
        for folder in folders:
            merged = with_folder(merged, Path(folder), places)
        paths = [path for folder in folders for path in entry_files(Path(folder))]
        return {"before": before, "entries": [raw_entry(path) for path in paths]}

    document = cached("folders", _files(folders, packs), validated)
    if document["before"] != before:  # a pack was left out, or is no longer
        document = validated()
    return Catalogue(with_added(catalogue.entries, document["entries"]), catalogue.in_python)


def index_with_folders(folders: Sequence[str], entries: "Callable[[], Mapping[str, Entry]]") -> Index:
    """Return the index of entries with those of folders, compiled again if a file changed."""
    return open_cached_index("index-folders", _files(folders, ()), lambda: entries().values())


def _files(folders: Sequence[str], packs: "Sequence[Pack]") -> list[Path]:
    """Return the files on which the validity of a team's entries depends. Raises UsageError."""
    own = [path for folder in folders for path in sorted(_records_and_code(existing(Path(folder))))]
    if packs:
        from diagnostics.run.pack_cache import files_of_packs  # noqa: PLC0415  for packs only

        return [*own, *files_of_packs(packs)]
    return [*own, *index_sources()]


def _records_and_code(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names if name.endswith((".py", ".yaml")))
