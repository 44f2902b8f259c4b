"""Files that libpq reads: connection services and passwords.

Source: PostgreSQL documentation, 34.16 "The Password File" and 34.17 "The Connection Service File".
"""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from diagnostics.clients.postgres.libpq_settings.dsn import KEYWORDS, InvalidSettings

SYSTEM_FOLDER = "/etc/postgresql-common"
"""Folder of the system's service file in Debian's libpq; PGSYSCONFDIR overrides it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Value of a setting and its origin, as evidence shows it."""

    value: str
    source: str


def home(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the home folder as libpq does: HOME first."""
    return Path(environment.get("HOME") or Path.home())


def service(name: str, environment: Mapping[str, str]) -> dict[str, Setting]:
    """Read the settings of one service. Raises InvalidSettings if no file defines it, as libpq does."""
    own = environment.get("PGSERVICEFILE")
    system = Path(environment.get("PGSYSCONFDIR") or SYSTEM_FOLDER) / "pg_service.conf"
    files = [Path(own) if own else home(environment) / ".pg_service.conf", system]
    for path in files:
        lines = _lines(path)
        if lines is not None and (values := _group(lines, name, path)) is not None:
            return {key: Setting(value, f"service {name} in {path}") for key, value in values.items()}
    raise InvalidSettings(f"service {name} is defined in neither {files[0]} nor {files[1]}")


def _lines(path: Path) -> list[str] | None:
    try:
        return path.read_text("utf-8", "surrogateescape").splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidSettings(f"file {path}: {error.strerror}") from None


def _group(lines: list[str], name: str, path: Path) -> dict[str, str] | None:
    """Return the settings of the section of that name; None if the file has no such section."""
    values: dict[str, str] | None = None
    for number, line in enumerate(map(str.strip, lines), 1):
        if line.startswith("["):
            if values is not None:
                return values
            values = {} if line == f"[{name}]" else None
        elif values is not None and line and not line.startswith("#"):
            keyword, equals, value = line.partition("=")
            if not equals or keyword not in KEYWORDS - {"service", "servicefile"}:
                raise InvalidSettings(f"file {path}, line {number}: not a setting that libpq knows")
            values.setdefault(keyword, value)
    return values


GROUP_OR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
FIELD = re.compile(r"((?:[^:\\]|\\.?)*)(?::|$)")
FIELDS = 5


def password_for(path: Path, host: str, port: int, dbname: str, user: str) -> Setting:
    """Return the password of the first line that matches; without one it is empty and `source` says why."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            return Setting("", f"none: {path} is ignored, it is not a regular file")
        if mode & GROUP_OR_OTHERS:
            return Setting("", f"none: {path} is ignored, libpq wants mode 0600")
        lines = path.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return Setting("", "none")
    for line in lines:
        if (secret := _match(line, (host, str(port), dbname, user))) is not None:
            return Setting(secret, f"password file {path}")
    return Setting("", f"none: no line of {path} matches")


def _match(line: str, values: tuple[str, ...]) -> str | None:
    """Return the password of a line whose first four fields match `values`, else None."""
    fields = FIELD.findall(line)
    if line.startswith("#") or len(fields) < FIELDS:
        return None
    same = all(
        field == "*" or _unescape(field) == value for field, value in zip(fields, values, strict=False)
    )
    return _unescape(fields[FIELDS - 1]) if same else None


def _unescape(field: str) -> str:
    """Remove the backslash before each escaped character."""
    return re.sub(r"\\(.)", r"\1", field)
