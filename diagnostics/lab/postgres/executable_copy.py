"""Binaries that the server's user can execute: as root, a copy where theirs lie below a closed folder."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

from diagnostics.lab.postgres.binaries import Binaries
from diagnostics.lab.process.environment import clean
from diagnostics.lab.process.workspace import server_user, workshop

_lock = threading.Lock()


def executable(binaries: Binaries) -> Path:
    """The folder to start from; copied once for this process, with a line on stderr, where that is needed."""
    user = server_user()
    if user is None or _runs(binaries.folder, user):
        return binaries.folder
    copy = workshop().folder / f"binaries-{binaries.version}"
    with _lock:
        if not copy.exists():
            sys.stderr.write(f"lab: {user} cannot execute {binaries.folder}; using a copy in {copy}\n")
            _copy(binaries.folder.parent, copy)
    return copy / binaries.folder.parent.name / "bin"


def _runs(folder: Path, user: str) -> bool:
    try:
        done = subprocess.run(
            [folder / "postgres", "--version"],
            user=user,
            cwd="/",
            env=clean(),
            capture_output=True,
            timeout=10,
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _copy(prefix: Path, place: Path) -> None:
    for part in ("bin", "lib", "share"):
        shutil.copytree(prefix / part, place / prefix.name / part, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", place], check=True)
    # The wheel's programs look for their libraries two folders above, beside the package.
    libraries = prefix.parents[1] / f"{prefix.parent.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, place.parent / libraries.name, dirs_exist_ok=True)
