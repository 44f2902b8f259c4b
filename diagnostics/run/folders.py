"""Folders of a team's entries, named by `--kb` or by the target file."""

from pathlib import Path

from diagnostics.errors import UsageError, printable


def existing(folder: Path) -> Path:
    """Return a folder of entries. Raises UsageError if there is none."""
    if not folder.is_dir():
        name = printable(str(folder))
        raise UsageError(f"--kb {name}: is not a folder; expected <layer>/<id>/entry.yaml below it")
    return folder
