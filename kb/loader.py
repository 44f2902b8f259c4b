"""Records from disk: YAML once, then a cache that is keyed by their content."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from kb.build import build
from kb.cache import cached
from kb.invalid import InvalidRecord
from kb.models import Entry, NotThis

ENTRIES = Path(__file__).parent / "entries"


def entry_files(folder: Path = ENTRIES) -> list[Path]:
    """The records below a folder, `<layer>/<id>/entry.yaml`, in the order of their ids."""
    return sorted(folder.glob("*/*/entry.yaml"), key=lambda path: path.parent.name)


@cache
def load_entries() -> dict[str, Entry]:
    """The shipped entries by id, with look-alikes declared on one side known on both.

    They are validated by the project's tests, not here: this costs no import of pydantic.
    """
    files = entry_files()
    beside = (part for path in files for part in sorted(path.parent.glob("*.*")))
    kept = cached("entries", beside, lambda: [raw_entry(path) for path in files])
    entries = [build(Entry, raw) for raw in kept]
    return mirrored({entry.id: entry for entry in entries})


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
    result = dict(entries)
    for entry in entries.values():
        for other in entry.not_this:
            twin = result.get(other.entry)
            if twin and entry.id not in {known.entry for known in twin.not_this}:
                back = NotThis(entry=entry.id, sign=other.sign)
                result[twin.id] = replace(twin, not_this=(*twin.not_this, back))
    return result


def _code_beside(folder: Path) -> dict[str, str]:
    stem = folder.name.replace("-", "_")
    files = {"before_code": folder / f"{stem}_before.py", "after_code": folder / f"{stem}_after.py"}
    return {field: path.read_text("utf-8") for field, path in files.items() if path.exists()}
