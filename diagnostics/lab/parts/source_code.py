"""The application's code as a part of the lab: the programs that do their job right, in one folder."""

import filecmp
import shutil
from dataclasses import replace
from pathlib import Path

from diagnostics.lab.part import Part
from diagnostics.targets.settings import Source, TargetSettings
from kb.records.loader import ENTRIES

NAME = "source"


class SourcePart(Part):
    """A folder of Python. Whoever wants to see a rule at work adds a file to it."""

    def __init__(self, lab_folder: Path) -> None:
        self.folder = lab_folder / NAME

    def restore(self) -> None:
        """Only programs without flaws; what is as it was is left alone."""
        self.folder.mkdir(exist_ok=True)
        programs = {program.name: program for program in ENTRIES.glob("*/*/*_after.py")}
        for path in self.folder.iterdir():
            if path.name not in programs:
                _remove(path)
        for name, program in programs.items():
            path = self.folder / name
            if not (path.exists() and filecmp.cmp(program, path)):
                shutil.copy2(program, path)

    def apply_to_settings(self, settings: TargetSettings) -> TargetSettings:
        """Where the code is."""
        return replace(settings, source=Source(paths=(str(self.folder),)))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
