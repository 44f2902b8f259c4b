"""Configuration files, parsed by their names, and kept while they do not change: several probes read each."""

import stat
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from diagnostics.clients.config.deployment import with_environments
from diagnostics.clients.config.readers.env import read_env
from diagnostics.clients.config.readers.ini import read_ini
from diagnostics.clients.config.readers.json import read_json
from diagnostics.clients.config.readers.python import read_python
from diagnostics.clients.config.readers.toml import read_toml
from diagnostics.clients.config.readers.yaml import read_yaml
from diagnostics.clients.config.tree import Document, Unreadable
from diagnostics.errors import CannotTell

MAX_BYTES = 1_000_000
MAX_KEPT = 400
"""Parsed files that are kept."""
READERS: Mapping[str, Callable[[str], Document]] = {
    ".py": read_python,
    ".toml": read_toml,
    ".json": read_json,
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".ini": read_ini,
    ".cfg": read_ini,
    ".conf": read_ini,
    ".properties": read_ini,
    ".env": read_env,
}
PROGRAMS = frozenset(["js", "cjs", "mjs", "ts", "tsx", "rb", "php", "sh", "go", "java", "html", "md", "rst"])
"""Endings of programs and texts: `jest.env.js` is no environment file."""
TEMPLATES = ("example", "sample", "template", "dist", "tpl", "default", "test", "testing", "ci")
"""Words in the name of a file whose values are meant to be replaced."""
_lock = threading.Lock()


def reader_of(name: str) -> Callable[[str], Document] | None:
    """Return the reader for a file name, or None; `.env.production` is an environment file too."""
    words = name.lower().split(".")
    if words[-1] in PROGRAMS:
        return None
    if words[:2] == ["", "env"] or ("env" in words and f".{words[-1]}" not in READERS):
        return read_env
    ending = [word for word in words if word not in TEMPLATES]
    return READERS.get(f".{ending[-1]}") if len(ending) > 1 else None


def in_version_control(path: Path) -> bool:
    """Return True for files that are usually in version control and must not hold secrets; False for .env."""
    return reader_of(path.name) is not read_env


def is_template(path: Path) -> bool:
    """Return True for a file whose values are meant to be replaced, as `.env.example`."""
    words = path.name.lower().replace("_", ".").replace("-", ".").split(".")
    return any(word in TEMPLATES for word in words)


def read(path: Path) -> Document:
    """Parse a file by its name. Raises CannotTell, whose message repeats nothing of the content."""
    try:
        state = path.stat()
    except OSError as error:
        raise CannotTell(f"{path}: cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(state.st_mode):
        raise CannotTell(f"{path.name}: not a regular file; reading a pipe would never end")
    with _lock:  # probes run at the same time, and the first one parses for all
        return _parsed(path, state.st_mtime_ns, state.st_size, state.st_ino)


@lru_cache(maxsize=MAX_KEPT)
def _parsed(path: Path, _modified: int, _size: int, _file: int) -> Document:
    reader = reader_of(path.name)
    if reader is None:
        raise CannotTell(f"{path.name}: not one of the formats {', '.join(READERS)}")
    text = _text(path)
    try:
        return with_environments(reader(text), reader_of)
    except Unreadable as error:
        raise CannotTell(f"{path.name}: {error}") from None
    except (RecursionError, MemoryError):
        raise CannotTell(f"{path.name}: nested too deeply to be a configuration") from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise CannotTell(f"{path.name}: larger than {MAX_BYTES} bytes, so it is not a configuration")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise CannotTell(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CannotTell(f"{path.name}: not UTF-8 at byte {error.start}") from None
