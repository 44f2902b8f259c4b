"""The programs that the benchmarks compare with: `make bench` installs each in an environment of its own."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]


def peer(program: str) -> str | None:
    """Where a program to compare with is; None where it is not installed."""
    own = (str(folder) for folder in ROOT.glob(".venv-peer-*/bin"))
    return shutil.which(program, path=os.pathsep.join([*own, os.environ.get("PATH", os.defpath)]))
