"""Connection services: settings that libpq reads from a file by name.

Source: PostgreSQL documentation, 34.17 "The Connection Service File".
"""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from diagnostics.clients.postgres.dsn import KEYWORDS, InvalidSettings

SYSTEM_FOLDER = "/etc/postgresql-common"
"""Where Debian's libpq keeps the system's service file; PGSYSCONFDIR names another."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from."""

    value: str
    source: str


def home(environment: Mapping[str, str] = os.environ) -> Path:
    """Find the home folder as libpq does: HOME first."""
    return Path(environment.get("HOME") or Path.home())


def service(name: str, environment: Mapping[str, str]) -> dict[str, Setting]:
    """Read the settings of one service. Raises InvalidSettings where no file defines it, as libpq does."""
    own = environment.get("PGSERVICEFILE")
    system = Path(environment.get("PGSYSCONFDIR") or SYSTEM_FOLDER) / "pg_service.conf"
    files = [Path(own) if own else home(environment) / ".pg_service.conf", system]
    for path in files:
        lines = _lines(path)
        if lines is not None and (found := _group(lines, name, path)) is not None:
            return {key: Setting(value, f"service {name} in {path}") for key, value in found.items()}
    raise InvalidSettings(f"service {name} is defined in neither {files[0]} nor {files[1]}")


def _lines(path: Path) -> list[str] | None:
    try:
        return path.read_text("utf-8", "surrogateescape").splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidSettings(f"file {path}: {error.strerror}") from None


def _group(lines: list[str], name: str, path: Path) -> dict[str, str] | None:
    found: dict[str, str] | None = None
    for number, line in enumerate(map(str.strip, lines), 1):
        if line.startswith("["):
            if found is not None:
                return found
            found = {} if line == f"[{name}]" else None
        elif found is not None and line and not line.startswith("#"):
            keyword, equals, value = line.partition("=")
            if not equals or keyword not in KEYWORDS - {"service", "servicefile"}:
                raise InvalidSettings(f"file {path}, line {number}: not a setting that libpq knows")
            found.setdefault(keyword, value)
    return found


GROUP_OR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
FIELD = re.compile(r"((?:[^:\\]|\\.?)*)(?::|$)")
FIELDS = 5


def password_for(path: Path, host: str, port: int, dbname: str, user: str) -> Setting:
    """Find the first line that matches. Without one the password is empty, and its source says why."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            return Setting("", f"none: {path} is ignored, it is no plain file")
        if mode & GROUP_OR_OTHERS:
            return Setting("", f"none: {path} is ignored, libpq wants mode 0600")
        lines = path.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return Setting("", "none")
    for line in lines:
        if (secret := _match(line, (host, str(port), dbname, user))) is not None:
            return Setting(secret, f"password file {path}")
    return Setting("", f"none: no line of {path} matches")


def _match(line: str, wanted: tuple[str, ...]) -> str | None:
    fields = FIELD.findall(line)
    if line.startswith("#") or len(fields) < FIELDS:
        return None
    same = all(field == "*" or _plain(field) == value for field, value in zip(fields, wanted, strict=False))
    return _plain(fields[FIELDS - 1]) if same else None


def _plain(field: str) -> str:
    """Take away each backslash that keeps the character after it from meaning anything."""
    return re.sub(r"\\(.)", r"\1", field)
