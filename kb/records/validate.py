"""The only place that validates with pydantic: records, target files, knowledge of other teams."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from kb.records.errors import InvalidRecord
from kb.records.lint import lint_entries
from kb.records.loader import entry_files, mirrored, raw_entry
from kb.records.models import Entry
from kb.records.yaml_lines import line_of
from kb.text.sanitize import mask_secrets
from kb.text.suggestions import did_you_mean

T = TypeVar("T")
DRAFT = "https://json-schema.org/draft/2020-12/schema"
DERIVED = frozenset({"id", "layer", "before_code", "after_code"})
"""Fields that a record's place gives it, not its text."""
SECRET = frozenset({"secret", "secrets"})
"""Fields whose values are not repeated, whatever stands there."""
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
"""Made once each: making one takes as long as checking a hundred records."""


def validated(cls: type[T], data: Mapping[str, Any], where: str, text: str = "") -> T:
    """Build a dataclass from data that nobody checked.

    `where` names the file in messages, `text` is its YAML if lines are to be named. Raises InvalidRecord
    with every problem, one line each.
    """
    try:
        built: T = _adapter(cls).validate_python(data)
    except ValidationError as error:
        raise InvalidRecord(_problem(item, cls, where, text) for item in error.errors()) from None
    return built


def schema(cls: type) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a record as it is written in its file, for editors."""
    described = TypeAdapter(cls).json_schema()
    for name in DERIVED & described["properties"].keys():
        del described["properties"][name]
    described["required"] = [name for name in described["required"] if name not in DERIVED]
    return {"$schema": DRAFT, **described}


def written_schema(cls: type) -> dict[str, Any]:
    """JSON Schema of what a program writes: every field is there, also where its type has a default."""
    described = TypeAdapter(cls).json_schema(mode="serialization")
    for one in (described, *described["$defs"].values()):
        one["required"] = list(one["properties"])
        one.pop("additionalProperties", None)  # a later version may say more
    return {"$schema": DRAFT, **described}


def read_folder(folder: Path, known: Iterable[Entry] = ()) -> dict[str, Entry]:
    """The records of a folder, valid by themselves and beside those already known.

    Raises InvalidRecord with every problem of every record.
    """
    entries, problems = _checked(folder, known)
    if problems:
        raise InvalidRecord(problems)
    return mirrored(entries)


def problems_of(folder: Path, known: Iterable[Entry] = ()) -> list[str]:
    """Every problem of every record below a folder, read beside those already known."""
    return _checked(folder, known)[1]


def _adapter(cls: type) -> TypeAdapter[Any]:
    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(cls)
    return _ADAPTERS[cls]


def _checked(folder: Path, known: Iterable[Entry]) -> tuple[dict[str, Entry], list[str]]:
    entries, problems = _read_all(folder)
    beside = {entry.id: entry for entry in known}
    problems += [f"{entry_id}: a shipped entry has this id" for entry_id in entries if entry_id in beside]
    everything = {**beside, **entries}
    return everything, problems + lint_entries(everything, only=entries)


def _read_all(folder: Path) -> tuple[dict[str, Entry], list[str]]:
    entries: dict[str, Entry] = {}
    problems: list[str] = []
    for path in entry_files(folder):
        try:
            entry = read_entry(path)
        except InvalidRecord as error:
            problems += error.problems
            continue
        if entry.id in entries:
            problems.append(f"{path}: {entry.id} exists in layer {entries[entry.id].layer} too")
        entries[entry.id] = entry
    return entries, problems


def read_entry(path: Path) -> Entry:
    """One record, valid by itself. Raises InvalidRecord with every problem."""
    import yaml  # noqa: PLC0415  the loader's own reason

    try:
        text = path.read_text("utf-8")
        data = raw_entry(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRecord([f"{path}: cannot be read: {error}"]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise InvalidRecord([f"{place}: not YAML: {getattr(error, 'problem', error)}"]) from None
    if data["id"] != path.parent.name:
        raise InvalidRecord([f"{path}: id: {data['id']!r} is not the folder's name; leave the field out"])
    return validated(Entry, data, str(path), text)


def _problem(error: ErrorDetails, cls: type, where: str, text: str) -> str:
    steps = tuple(error["loc"])
    line = line_of(text, steps) if text else 0
    place = f"{where}:{line}" if line else where
    field = ".".join(str(step) for step in steps)
    return f"{place}: {field}: {_meaning(error, cls)}"


def _meaning(error: ErrorDetails, cls: type) -> str:
    name = str(error["loc"][-1]) if error["loc"] else ""
    match error["type"]:
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            return "is missing"
        case "unexpected_keyword_argument" | "extra_forbidden":
            near = did_you_mean(name, _fields_at(cls, error["loc"][:-1]))
            return f"unknown field; {near}" if near else "unknown field"
        case "literal_error":
            expected = error.get("ctx", {}).get("expected", "")
            return f"{mask_secrets(repr(error['input']))} is not one of {expected}"
        case "string_type" if isinstance(error["input"], bool):
            return "write it in quotes: YAML reads yes, no, on, off, true and false as no words"
        case _:
            found = "what is not shown" if SECRET & set(error["loc"]) else mask_secrets(repr(error["input"]))
            return f"{error['msg'][:1].lower()}{error['msg'][1:]}, found {found:.60}"


def _fields_at(cls: type, steps: Iterable[int | str]) -> set[str]:
    from kb.records.dataclass_io import dataclass_at  # noqa: PLC0415  only a mistake needs it

    found = dataclass_at(cls, steps)
    return {field.name for field in fields(found)} - DERIVED if found else set()
