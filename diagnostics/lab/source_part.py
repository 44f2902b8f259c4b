"""The application's code as a part of the lab: the programs that do their job right, in one folder."""

import shutil
from dataclasses import replace
from pathlib import Path

from diagnostics.lab.parts import Part
from diagnostics.settings import Source, TargetSettings
from kb.loader import ENTRIES

NAME = "source"


class SourcePart(Part):
    """A folder of Python. Whoever wants to see a rule at work adds a file to it."""

    def __init__(self, lab_folder: Path) -> None:
        self.folder = lab_folder / NAME

    def heal(self) -> None:
        """Only programs without flaws."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for program in ENTRIES.glob("*/*/*_after.py"):
            shutil.copy(program, self.folder)

    def told(self, settings: TargetSettings) -> TargetSettings:
        """Where the code is."""
        return replace(settings, source=Source(paths=(str(self.folder),)))
