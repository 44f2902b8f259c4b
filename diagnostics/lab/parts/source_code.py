"""Source code of the application as a part of the lab: the entries' correct programs in one folder."""

import filecmp
import shutil
from dataclasses import replace
from pathlib import Path

from diagnostics.lab.part import Part
from diagnostics.targets.settings import Source, TargetSettings
from kb.records.loader import ENTRIES

NAME = "source"


class SourcePart(Part):
    """A folder of Python programs, to which flawed ones can be added."""

    def __init__(self, lab_folder: Path) -> None:
        self.folder = lab_folder / NAME

    def restore(self) -> None:
        """Restore the correct programs and remove everything else; unchanged files are kept."""
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
        """Set the path of the folder."""
        return replace(settings, source=Source(paths=(str(self.folder),)))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
