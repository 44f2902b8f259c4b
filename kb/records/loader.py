"""Loading of records from YAML files, through a cache keyed by their content."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

from kb.checks.model import Declaration
from kb.checks.written import with_written_checks
from kb.records.cache import cached
from kb.records.dataclass_io import build
from kb.records.fixes import file_edit
from kb.records.fixes.file_edit import with_programs
from kb.records.forms import normalized
from kb.records.models import Entry, NotThis
from kb.records.yaml_file import read_yaml_file

ENTRIES = Path(__file__).parent.parent / "entries"


def entry_files(folder: Path = ENTRIES) -> list[Path]:
    """Return the records below a folder, `<layer>/<id>/entry.yaml`, in the order of their ids."""
    return sorted(folder.glob("*/*/entry.yaml"), key=lambda path: path.parent.name)


def entry_file(entry: Entry, folder: Path = ENTRIES) -> Path:
    """Return the file of an entry below a folder."""
    return folder / entry.layer / entry.id / "entry.yaml"


class EntryCollection(Mapping[str, Entry]):
    """Entries by id. Each is built from its plain data on first access: a page needs one, not all."""

    def __init__(
        self,
        read: Callable[[], Iterable[dict[str, Any]]],
        read_declared: Callable[[], Iterable[dict[str, Any]]],
    ) -> None:
        self._read = read
        self._read_declared = read_declared
        self._built: dict[str, Entry] = {}

    @cached_property
    def _raw(self) -> dict[str, dict[str, Any]]:
        """Plain data of the records by id, read on first access."""
        return {data["id"]: data for data in self._read()}

    @cached_property
    def declarations(self) -> tuple[Declaration, ...]:
        """Entries with checks, read without the others."""
        return tuple(build(Declaration, data) for data in self._read_declared())

    @cached_property
    def _not_this(self) -> dict[str, list[NotThis]]:
        declared = {id_: data.get("not_this") or () for id_, data in self._raw.items()}
        return {id_: [build(NotThis, item) for item in items] for id_, items in declared.items()}

    def with_added(self, added: Sequence[dict[str, Any]]) -> "EntryCollection":
        """Return a collection with further entries from their plain data."""
        declared = [_declared(raw) for raw in added if _is_probe(raw)]
        return EntryCollection(
            lambda: [*self._raw.values(), *added], lambda: [*self._read_declared(), *declared]
        )

    def __getitem__(self, id_: str) -> Entry:
        if id_ not in self._built:
            self._built[id_] = _mirrored(build(Entry, self._raw[id_]), self._not_this)
        return self._built[id_]

    def __contains__(self, id_: object) -> bool:
        return id_ in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


@cache
def load_entries() -> Mapping[str, Entry]:
    """Return the shipped entries by id, with look-alikes on both sides.

    The project's tests validate them, so that loading them does not import pydantic.
    """
    return EntryCollection(_cached_records, _cached_declarations)


def load_entries_with(added: Sequence[dict[str, Any]]) -> Mapping[str, Entry]:
    """Return the shipped entries and others from their plain data, which was validated before."""
    return with_added(load_entries(), added)


def with_added(entries: Mapping[str, Entry], added: Sequence[dict[str, Any]]) -> Mapping[str, Entry]:
    """Return loaded entries and others from their plain data, which was validated before."""
    assert isinstance(entries, EntryCollection)  # noqa: S101  all functions that load entries return one
    return entries.with_added(added)


def declarations_of(entries: Mapping[str, Entry]) -> tuple[Declaration, ...]:
    """Return the part of each entry with checks that makes it a probe. Retired entries have none."""
    if isinstance(entries, EntryCollection):
        return entries.declarations
    return tuple(
        Declaration(id=entry.id, layer=entry.layer, title=entry.title, checks=entry.checks)
        for entry in entries.values()
        if entry.checks and not entry.retired
    )


def _cached_records() -> list[dict[str, Any]]:
    records = entry_files()
    files = [path for record in records for path in sorted(record.parent.glob("*.*"))]
    data = cached(
        "entries", [*files, Path(file_edit.__file__)], lambda: [raw_entry(path) for path in records]
    )
    return cast("list[dict[str, Any]]", data)


def _cached_declarations() -> list[dict[str, Any]]:
    """Return plain data of the entries with checks: a run without a finding reads nothing else."""
    records = entry_files()
    data = cached("checks", records, lambda: [_declared(raw) for raw in _cached_records() if _is_probe(raw)])
    return cast("list[dict[str, Any]]", data)


def _is_probe(raw: Mapping[str, Any]) -> bool:
    return bool(raw.get("checks")) and not raw.get("retired")


def _declared(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: raw[name] for name in ("id", "layer", "title", "checks")}


def raw_entry(path: Path) -> dict[str, Any]:
    """Read one record as plain data, with id, layer and code pair added from its folder.

    Raises InvalidRecord, and OSError or UnicodeDecodeError for the code beside it.
    """
    return with_folder(path, read_yaml_file(path)[0])


def with_folder(path: Path, data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a record in its present form, with id, layer and code pair of its folder."""
    folder = path.parent
    edited = with_programs(normalized(data))
    return with_written_checks(
        {"id": folder.name, "layer": folder.parent.name, **_code_pair(folder), **edited}
    )


def mirrored(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return entries with each look-alike that one of the two declares on both of them."""
    declared = {entry.id: entry.not_this for entry in entries.values()}
    return {id_: _mirrored(entry, declared) for id_, entry in entries.items()}


def _mirrored(entry: Entry, declared: Mapping[str, Iterable[NotThis]]) -> Entry:
    """Return an entry with the look-alikes that only other entries declare, by the declarations of all."""
    own = {look_alike.entry for look_alike in entry.not_this}
    from_others = {
        other: NotThis(entry=other, sign=look_alike.sign)
        for other, look_alikes in declared.items()
        for look_alike in look_alikes
        if look_alike.entry == entry.id and other not in own
    }
    return replace(entry, not_this=(*entry.not_this, *from_others.values())) if from_others else entry


def _code_pair(folder: Path) -> dict[str, str]:
    stem = folder.name.replace("-", "_")
    files = {"before_code": folder / f"{stem}_before.py", "after_code": folder / f"{stem}_after.py"}
    return {field: path.read_text("utf-8") for field, path in files.items() if path.exists()}
