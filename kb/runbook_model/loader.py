"""Runbooks from disk: shipped ones from the cache, those of a team validated."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kb.records.cache import cached
from kb.records.dataclass_io import build
from kb.records.errors import InvalidRecord
from kb.runbook_model.model import Runbook

RUNBOOKS = Path(__file__).parent.parent / "runbooks"


def runbook_files(folder: Path = RUNBOOKS) -> list[Path]:
    """The runbooks of a folder, `<id>.yaml`, in the order of their ids."""
    return sorted(folder.glob("*.yaml"))


@cache
def load_runbooks() -> dict[str, Runbook]:
    """The shipped runbooks by id. The project's tests validated them, so this imports no pydantic."""
    files = runbook_files()
    kept = cached("runbooks", files, lambda: [_raw(path) for path in files])
    return {raw["id"]: build(Runbook, raw) for raw in kept}


def read_runbooks(folder: Path, known: Iterable[str] = ()) -> dict[str, Runbook]:
    """The runbooks of a folder, each valid by itself. Raises InvalidRecord with every problem of each."""
    found: dict[str, Runbook] = {}
    problems: list[str] = []
    for path in runbook_files(folder):
        try:
            found[path.stem] = read_runbook(path)
        except InvalidRecord as error:
            problems += error.problems
    problems += [f"{folder / one}.yaml: a shipped runbook has this id" for one in known if one in found]
    if problems:
        raise InvalidRecord(problems)
    return found


def read_runbook(path: Path) -> Runbook:
    """One runbook, valid by itself. Raises InvalidRecord with every problem."""
    from kb.records.validate import validated  # noqa: PLC0415  pydantic
    from kb.runbook_model.lint import lint_runbook  # noqa: PLC0415  shipped ones are linted by the tests

    data = _read(path)
    runbook = validated(Runbook, data, str(path), path.read_text("utf-8"))
    breaches = lint_runbook(runbook)
    if breaches:
        raise InvalidRecord(f"{place(path, breach.at)}: {breach.problem}" for breach in breaches)
    return runbook


def place(path: Path, at: tuple[int | str, ...]) -> str:
    """File and line of a part of a record."""
    from kb.records.yaml_lines import line_of  # noqa: PLC0415  only a mistake needs it

    line = line_of(path.read_text("utf-8"), at)
    return f"{path}:{line}" if line else str(path)


def _read(path: Path) -> Mapping[str, Any]:
    import yaml  # noqa: PLC0415  a warm start reads the cache

    try:
        return _raw(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRecord([f"{path}: cannot be read: {error}"]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise InvalidRecord([f"{where}: not YAML: {getattr(error, 'problem', error)}"]) from None


def _raw(path: Path) -> dict[str, Any]:
    import yaml  # noqa: PLC0415  as above

    data = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(data, dict):
        raise InvalidRecord([f"{path}: expected a mapping of fields, found {type(data).__name__}"])
    if data.get("id", path.stem) != path.stem:
        raise InvalidRecord([f"{path}: id: {data['id']!r} is not the file's name; leave the field out"])
    return {**data, "id": path.stem}
