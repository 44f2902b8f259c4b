"""The password file that libpq reads by itself.

Source: PostgreSQL documentation, 34.16 "The Password File".
"""

import re
import stat
from pathlib import Path

from diagnostics.clients.pg_service import Setting

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
