"""Binaries that the server's user can execute: as root, a copy of those below a folder closed to others."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

from diagnostics.lab.postgres.binaries import Binaries
from diagnostics.lab.process.environment import clean
from diagnostics.lab.process.workspace import server_user, workspace

_lock = threading.Lock()


def executable(binaries: Binaries) -> Path:
    """Return the folder to start from. A copy is made once per process, with a line on stderr."""
    user = server_user()
    if user is None or _runs(binaries.folder, user):
        return binaries.folder
    copy = workspace().folder / f"binaries-{binaries.version}"
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


def _copy(prefix: Path, destination: Path) -> None:
    for part in ("bin", "lib", "share"):
        shutil.copytree(prefix / part, destination / prefix.name / part, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", destination], check=True)
    # The wheel's programs load libraries from two folders above, beside the package.
    libraries = prefix.parents[1] / f"{prefix.parent.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, destination.parent / libraries.name, dirs_exist_ok=True)
