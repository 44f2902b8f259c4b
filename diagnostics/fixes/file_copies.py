"""Copies of the files that a step names, kept in memory while a fix runs, and the preview of a change.

A file is put back only as long as it has what the step wrote: a change that somebody made since is not lost.
"""

import difflib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from diagnostics.errors import CannotTell
from diagnostics.fixes.process import python_words
from kb.records.models import FixStep
from kb.records.placeholders import fill, placeholders_in

MAX_BYTES: Final = 4 * 1024 * 1024
PREVIEW_S: Final = 10.0
FILE: Final = "_file"
"""End of the names of placeholders that are files of the target."""


@dataclass(slots=True)
class Copies:
    """Contents of files before a step and, once it has run, after it."""

    before: dict[Path, bytes] = field(default_factory=dict)
    after: dict[Path, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, step: FixStep, values: Mapping[str, str]) -> "Copies":
        """Copy the files that the placeholders of a step of a record name."""
        copies = cls()
        for path in files_of(step, values):
            with suppress(OSError):
                if path.is_file() and path.stat().st_size <= MAX_BYTES:
                    copies.before[path] = path.read_bytes()
        return copies

    def step_has_run(self) -> None:
        """Keep what the step wrote."""
        for path in self.before:
            with suppress(OSError):
                self.after[path] = path.read_bytes()

    @property
    def changed(self) -> tuple[Path, ...]:
        """Files that the step changed."""
        return tuple(path for path, text in self.after.items() if text != self.before[path])

    def put_back(self) -> None:
        """Write the contents from before the step. Raises CannotTell for a file that was changed since."""
        for path in self.changed:
            try:
                if path.read_bytes() != self.after[path]:
                    raise CannotTell(f"{path} was changed after the step, so it stays as it is")
                path.write_bytes(self.before[path])
            except OSError as error:
                raise CannotTell(f"{path}: {error.strerror}") from None


def files_of(step: FixStep, values: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files that a step names, whose paths the target has."""
    if step.kind in {"shell", "python"}:
        for name in placeholders_in(step.code):
            if name.endswith(FILE) and values.get(name):
                yield Path(values[name])


def preview(step: FixStep, values: Mapping[str, str]) -> str:
    """Return the difference that the edit of a file makes, tried on a copy; empty for another step.

    Raises CannotTell if the program refuses the file, with its reason.
    """
    if step.edit is None:
        return ""
    name = step.edit.file
    path = Path(values[name])
    with tempfile.TemporaryDirectory(prefix="clearpay-doctor-") as folder:
        copy = Path(folder, path.name)
        try:
            shutil.copyfile(path, copy)
            before = copy.read_text("utf-8")
            program = fill(step, {**values, name: str(copy)}).code
            done = _run(program, folder)
            after = copy.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CannotTell(f"{path}: {error}") from None
    if done.returncode:
        lines = (done.stdout + done.stderr).replace(str(copy), str(path)).strip().splitlines()
        raise CannotTell("; ".join(lines[-4:]) or f"its program ended with {done.returncode}")
    old, new, label = before.splitlines(), after.splitlines(), str(path)
    return "\n".join(difflib.unified_diff(old, new, label, label, n=1, lineterm=""))


def _run(program: str, folder: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            python_words(program), cwd=folder, capture_output=True, text=True, timeout=PREVIEW_S, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise CannotTell(f"its program has not ended within {PREVIEW_S:g} s") from None
