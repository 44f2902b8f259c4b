"""Records from disk: YAML once, then a cache that is keyed by their content."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

from kb.records.cache import cached
from kb.records.dataclass_io import build
from kb.records.errors import InvalidRecord
from kb.records.models import Entry, NotThis

ENTRIES = Path(__file__).parent.parent / "entries"


def entry_files(folder: Path = ENTRIES) -> list[Path]:
    """The records below a folder, `<layer>/<id>/entry.yaml`, in the order of their ids."""
    return sorted(folder.glob("*/*/entry.yaml"), key=lambda path: path.parent.name)


class EntryCollection(Mapping[str, Entry]):
    """Entries by id. Each is made from its plain data when it is asked for: a page costs one, not all."""

    def __init__(self, read: Callable[[], Iterable[dict[str, Any]]]) -> None:
        self._read = read
        self._made: dict[str, Entry] = {}

    @cached_property
    def _raw(self) -> dict[str, dict[str, Any]]:
        """What the files say, read when the first entry is asked for."""
        return {data["id"]: data for data in self._read()}

    @cached_property
    def _not_this(self) -> dict[str, list[NotThis]]:
        named = {id_: data.get("not_this") or () for id_, data in self._raw.items()}
        return {id_: [build(NotThis, one) for one in listed] for id_, listed in named.items()}

    def __getitem__(self, id_: str) -> Entry:
        if id_ not in self._made:
            self._made[id_] = _mirrored(build(Entry, self._raw[id_]), self._not_this)
        return self._made[id_]

    def __contains__(self, id_: object) -> bool:
        return id_ in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


@cache
def load_entries() -> Mapping[str, Entry]:
    """The shipped entries by id, with look-alikes declared on one side known on both.

    They are validated by the project's tests, not here: this costs no import of pydantic.
    """
    return EntryCollection(_kept)


def _kept() -> list[dict[str, Any]]:
    files = entry_files()
    beside = (part for path in files for part in sorted(path.parent.glob("*.*")))
    kept = cached("entries", beside, lambda: [raw_entry(path) for path in files])
    return cast("list[dict[str, Any]]", kept)


def raw_entry(path: Path) -> dict[str, Any]:
    """One record as it stands in its file, with what its place adds: id, layer, code. May raise YAMLError."""
    import yaml  # noqa: PLC0415  a warm start reads the cache and needs no YAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(path.read_text("utf-8"), Loader=loader)  # noqa: S506  both are safe loaders
    if not isinstance(data, dict):
        raise InvalidRecord([f"{path}: expected a mapping of fields, found {type(data).__name__}"])
    folder = path.parent
    return {"id": folder.name, "layer": folder.parent.name, **_code_beside(folder), **data}


def mirrored(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries, each knowing the look-alikes that name it."""
    named = {entry.id: entry.not_this for entry in entries.values()}
    return {id_: _mirrored(entry, named) for id_, entry in entries.items()}


def _mirrored(entry: Entry, named: Mapping[str, Iterable[NotThis]]) -> Entry:
    """An entry that knows who names it, from what each entry names."""
    known = {one.entry for one in entry.not_this}
    back = {
        other: NotThis(entry=other, sign=one.sign)
        for other, listed in named.items()
        for one in listed
        if one.entry == entry.id and other not in known
    }
    return replace(entry, not_this=(*entry.not_this, *back.values())) if back else entry


def _code_beside(folder: Path) -> dict[str, str]:
    stem = folder.name.replace("-", "_")
    files = {"before_code": folder / f"{stem}_before.py", "after_code": folder / f"{stem}_after.py"}
    return {field: path.read_text("utf-8") for field, path in files.items() if path.exists()}
