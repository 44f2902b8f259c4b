"""Cache of data derived from files, in the user's cache folder."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from zlib import crc32

from kb.records.private_files import create_file, create_folder


def cached(name: str, files: Iterable[Path], make: Callable[[], Any]) -> Any:
    """Return `make()`, plain data derived from files, or the cached copy if no file has changed."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    cache_file = Path(base).expanduser() / "clearpay-doctor" / f"{name}.json"
    sources = [[*path.parts[-3:], *_size_and_checksum(path)] for path in files]
    try:
        copy = json.loads(cache_file.read_text("utf-8"))
        if copy["sources"] == sources:
            return copy["value"]
    except (OSError, ValueError, TypeError, LookupError):
        pass
    value = make()
    write_cache(cache_file, json.dumps({"sources": sources, "value": value}))
    return value


def _size_and_checksum(path: Path) -> tuple[int, int]:
    """Return size and CRC-32: the cache need not resist its own user, and zlib is loaded already."""
    data = path.read_bytes()
    return len(data), crc32(data)


def write_cache(path: Path, text: str) -> None:
    """Write a file atomically; without write access the next start only takes longer."""
    part = path.with_suffix(f".{os.getpid()}")
    try:
        create_folder(path.parent)
        part.unlink(missing_ok=True)
        with os.fdopen(create_file(part), "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)
    except OSError:
        return
