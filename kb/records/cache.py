"""What takes long to make from files is kept in the user's cache folder, beside what the files were."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from zlib import crc32


def cached(name: str, files: Iterable[Path], make: Callable[[], Any]) -> Any:
    """What `make` makes of the files as plain data, or the copy of what it made of the same bytes."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    place = Path(base).expanduser() / "clearpay-doctor" / f"{name}.json"
    source = [[path.parent.name, path.name, *_content(path)] for path in files]
    try:
        kept = json.loads(place.read_text("utf-8"))
        if kept["source"] == source:
            return kept["made"]
    except (OSError, ValueError, TypeError, LookupError):
        pass
    made = make()
    _write(place, json.dumps({"source": source, "made": made}))
    return made


def _content(path: Path) -> tuple[int, int]:
    """Length and checksum: nobody forges the cache of their own account, and this needs no import."""
    data = path.read_bytes()
    return len(data), crc32(data)


def _write(place: Path, text: str) -> None:
    """Write the copy whole or not at all; a place that cannot be written only costs the next start."""
    part = place.with_suffix(f".{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, "utf-8")
        part.replace(place)
    except OSError:
        return
