"""Entries of packs from a cache: their records are validated and their SQL is linted when a file changes."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.module_table import JoinedTable
from diagnostics.packs.pack import Pack
from diagnostics.packs.probes import probes_of_pack, problems_of_pack
from diagnostics.run.left_out import leave_out, problems_by_subject
from kb.matching.index import Index
from kb.matching.shipped_index import index_sources
from kb.records.cache import cached
from kb.records.errors import InvalidRecord
from kb.records.loader import load_entries_with
from kb.records.models import Entry


def with_packs(shipped: Catalogue, packs: Sequence[Pack], places: dict[str, Path]) -> Catalogue:
    """Return the shipped catalogue with the entries and probes of packs.

    The files of these are added to `places`. A broken pack is left out, with one line on stderr.
    """
    unusable = {pack.name: problems for pack in packs if (problems := list(problems_of_pack(pack)))}
    usable = [pack for pack in packs if pack.name not in unusable]
    document = cached("packs", files_of_packs(packs), lambda: _validated(shipped, usable))
    for name, problems in {**unusable, **document["left_out"]}.items():
        leave_out(f"pack {name}", problems, "is")
    added, tables = [], []
    for pack in usable:
        if (own := document["entries"].get(pack.name)) is None:
            continue
        added += own
        tables.append(probes_of_pack(pack))
        places |= {raw["id"]: pack.entries / raw["layer"] / raw["id"] / "entry.yaml" for raw in own}
        places |= {name: pack.probe_file(name) for name in pack.probe_names}
    return Catalogue(load_entries_with(added), JoinedTable(shipped.in_python, *tables))


def index_with_packs(packs: Sequence[Pack], entries: Callable[[], Mapping[str, Entry]]) -> Index:
    """Return the index of the shipped entries and those of packs.

    It is compiled again if a file changed, or if a pack was left out, whose problem may be solved.
    """

    def compiled() -> dict[str, Any]:
        from kb.matching.index_compiler import compile_index  # noqa: PLC0415  not needed with a warm cache

        index = compile_index(entries().values())
        return {"index": index, "complete": not problems_by_subject()}

    document = cached("index-packs", files_of_packs(packs), compiled)
    return cast("Index", (document if document["complete"] else compiled())["index"])


def files_of_packs(packs: Sequence[Pack]) -> list[Path]:
    """Return the files on which the validity of packs depends: their own, and the shipped records."""
    folders = [Path(pack.folder) for pack in packs if pack.folder]
    own = [path for folder in folders for path in folder.rglob("*") if path.suffix in {".py", ".yaml"}]
    return [*sorted(own), *index_sources()]


def _validated(shipped: Catalogue, packs: Sequence[Pack]) -> dict[str, Any]:
    """Return plain data of the valid entries by pack, and the problems of the broken packs."""
    from diagnostics.run.additions import with_pack  # noqa: PLC0415  pydantic; not needed with a warm cache
    from kb.records.loader import entry_files, raw_entry  # noqa: PLC0415  as above

    catalogue, places = shipped, cast("dict[str, Path]", {})
    entries: dict[str, list[dict[str, Any]]] = {}
    left_out: dict[str, list[str]] = {}
    for pack in packs:
        try:
            catalogue = with_pack(catalogue, pack, places)
        except InvalidRecord as error:
            left_out[pack.name] = list(error.problems)
        else:
            entries[pack.name] = [raw_entry(path) for path in entry_files(pack.entries)]
    return {"entries": entries, "left_out": left_out}
