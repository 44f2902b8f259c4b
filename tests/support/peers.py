"""Programs that the benchmarks compare with: `make bench` installs each in an environment of its own."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]


def peer(program: str) -> str | None:
    """Return the path of a program to compare with, or None if it is not installed."""
    folders = (str(folder) for folder in ROOT.glob(".venv-peer-*/bin"))
    return shutil.which(program, path=os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)]))
