"""Search for the packs that are installed beside this program, with a cache of the result."""

import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zlib import crc32

from kb.records.cache import write_cache

if TYPE_CHECKING:
    from diagnostics.packs.pack import Pack

GROUP: Final = "clearpay_doctor.packs"
"""Group of entry points. `NAME = PACKAGE` in it names the package of a pack."""


@cache
def installed_packs() -> "tuple[Pack, ...]":
    """Return the packs of this Python's environment, in the order of their names."""
    points = _entry_points()
    if not points:
        return ()
    from diagnostics.packs.pack import Pack, folder_of  # noqa: PLC0415  most environments have no pack

    return tuple(
        Pack(name, package, version, folder_of(package)) for name, package, version in sorted(points)
    )


def _entry_points() -> list[tuple[str, str, str]]:
    """Return name, package and version of each pack; from the cache unless a folder of packages changed.

    `importlib.metadata` opens the metadata of every installed package, which takes longer than a match.
    """
    folders = [path for path in map(Path, sys.path) if path.name.endswith("-packages") and path.is_dir()]
    sources = [[str(path), path.stat().st_mtime_ns] for path in folders]
    environment = crc32("\n".join(sys.path).encode())
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    file = Path(base).expanduser() / "clearpay-doctor" / f"packs-{environment:08x}.json"
    try:
        copy = json.loads(file.read_text("utf-8"))
        if copy["sources"] == sources:
            return [(str(name), str(package), str(version)) for name, package, version in copy["value"]]
    except (OSError, ValueError, TypeError, LookupError):
        pass
    value = list(_read_entry_points())
    write_cache(file, json.dumps({"sources": sources, "value": value}))
    return value


def _read_entry_points() -> Iterator[tuple[str, str, str]]:
    from importlib.metadata import entry_points  # noqa: PLC0415  20 ms, only after an installation

    for point in entry_points(group=GROUP):
        yield point.name, point.module, point.dist.version if point.dist else ""
