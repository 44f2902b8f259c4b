"""Loading of runbooks: shipped ones from the cache, others with validation."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kb.records.cache import cached
from kb.records.dataclass_io import build
from kb.records.errors import InvalidRecord
from kb.records.yaml_file import read_text, read_yaml_file
from kb.runbook_model.model import Runbook

RUNBOOKS = Path(__file__).parent.parent / "runbooks"


def runbook_files(folder: Path = RUNBOOKS) -> list[Path]:
    """Return the runbooks of a folder, `<id>.yaml`, in the order of their ids."""
    return sorted(folder.glob("*.yaml"))


@cache
def load_runbooks() -> dict[str, Runbook]:
    """Return the shipped runbooks by id.

    The project's tests validate them, so that loading them does not import pydantic.
    """
    files = runbook_files()
    records = cached("runbooks", files, lambda: [_read(path)[0] for path in files])
    return {raw["id"]: build(Runbook, raw) for raw in records}


def read_runbooks(folder: Path, taken: Mapping[str, Path] | None = None) -> dict[str, Runbook]:
    """Load the runbooks of a folder, each validated by itself; `taken` are the files of ids already in use.

    Raises InvalidRecord with every problem of every runbook.
    """
    runbooks: dict[str, Runbook] = {}
    problems: list[str] = []
    for path in runbook_files(folder):
        try:
            runbooks[path.stem] = read_runbook(path)
        except InvalidRecord as error:
            problems += error.problems
    problems += [
        f"{folder / name}.yaml: another runbook has this id: {place}"
        for name, place in (taken or {}).items()
        if name in runbooks
    ]
    if problems:
        raise InvalidRecord(problems)
    return runbooks


def read_runbook(path: Path) -> Runbook:
    """Load one runbook, validated by itself. Raises InvalidRecord with every problem."""
    from kb.records.validate import validated  # noqa: PLC0415  pydantic
    from kb.runbook_model.lint import lint_runbook  # noqa: PLC0415  not needed for shipped ones

    data, text = _read(path)
    runbook = validated(Runbook, data, str(path), text)
    breaches = lint_runbook(runbook)
    if breaches:
        raise InvalidRecord(f"{location(path, breach.at)}: {breach.problem}" for breach in breaches)
    return runbook


def location(path: Path, at: tuple[int | str, ...]) -> str:
    """Return file and line of a part of a record."""
    from kb.records.yaml_lines import line_of  # noqa: PLC0415  only needed for a mistake

    line = line_of(read_text(path), at)
    return f"{path}:{line}" if line else str(path)


def _read(path: Path) -> tuple[dict[str, Any], str]:
    """Return the fields of a runbook with its id, and the text of the file. Raises InvalidRecord."""
    data, text = read_yaml_file(path)
    if data.get("id", path.stem) != path.stem:
        raise InvalidRecord([f"{path}: id: {data['id']!r} is not the file's name; leave the field out"])
    return {**data, "id": path.stem}, text
