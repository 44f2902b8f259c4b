"""Validation of records and target files with pydantic; the only module that imports it."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from kb.checks.written import checks_schema
from kb.records.errors import InvalidRecord
from kb.records.forms import record_schema
from kb.records.lint import lint_entries
from kb.records.loader import entry_file, entry_files, mirrored, with_folder
from kb.records.models import Entry
from kb.records.yaml_file import read_yaml_file
from kb.records.yaml_lines import line_of
from kb.text.sanitize import mask_secrets
from kb.text.suggestions import did_you_mean

T = TypeVar("T")
DRAFT = "https://json-schema.org/draft/2020-12/schema"
DERIVED = frozenset({"id", "layer", "before_code", "after_code"})
"""Fields that come from the location of a record, not from its text."""
SECRET = frozenset({"secret", "secrets"})
"""Fields whose values no message repeats."""
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
"""Adapters by class: building one takes as long as validating a hundred records."""


def validated(cls: type[T], data: Mapping[str, Any], where: str, text: str = "") -> T:
    """Validate plain data and build a dataclass from it.

    `where` is the file in messages; `text` is its YAML, for line numbers. Raises InvalidRecord with every
    problem, one line each.
    """
    try:
        built: T = _adapter(cls).validate_python(data)
    except ValidationError as error:
        details = [found for item in error.errors() if (found := _without_alternative(item, cls))]
        raise InvalidRecord(_problem(item, cls, where, text) for item in details) from None
    return built


def schema(cls: type) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a record as written in its file, for editors."""
    document = TypeAdapter(cls).json_schema()
    if "checks" in document["properties"]:
        document = checks_schema(document)
    for name in DERIVED & document["properties"].keys():
        del document["properties"][name]
    if "required" in document:
        document["required"] = [name for name in document["required"] if name not in DERIVED]
    if cls is Entry:
        document = record_schema(document)
    return {"$schema": DRAFT, **document}


def output_schema(cls: type) -> dict[str, Any]:
    """Return the JSON Schema of a document that this tool writes: every field is required."""
    document = TypeAdapter(cls).json_schema(mode="serialization")
    for definition in (document, *document["$defs"].values()):
        definition["required"] = list(definition["properties"])
        definition.pop("additionalProperties", None)  # later versions may add fields
    return {"$schema": DRAFT, **document}


def read_folder(
    folder: Path, others: Iterable[Entry] = (), places: Mapping[str, Path] | None = None
) -> dict[str, Entry]:
    """Load the records of a folder, validated by themselves and together with others; return all of them.

    `places` are the files of those others that are not shipped, by id. Raises InvalidRecord with every
    problem of every record.
    """
    entries, problems = _read_and_lint(folder, others, places or {})
    if problems:
        raise InvalidRecord(problems)
    return mirrored(entries)


def problems_of(folder: Path, others: Iterable[Entry] = ()) -> list[str]:
    """Return every problem of the records below a folder, by themselves and together with others."""
    return _read_and_lint(folder, others, {})[1]


def _adapter(cls: type) -> TypeAdapter[Any]:
    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(cls)
    return _ADAPTERS[cls]


def _read_and_lint(
    folder: Path, others: Iterable[Entry], places: Mapping[str, Path]
) -> tuple[dict[str, Entry], list[str]]:
    entries, problems = _read_all(folder)
    before = {entry.id: entry for entry in others}
    problems += [
        f"{entry_file(entry, folder)}: {entry_id}: another entry has this id: "
        f"{places.get(entry_id) or entry_file(before[entry_id])}"
        for entry_id, entry in entries.items()
        if entry_id in before
    ]
    combined = {**before, **entries}
    return combined, problems + lint_entries(combined, only=entries)


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
    """Load one record, validated by itself. Raises InvalidRecord with every problem."""
    fields_in_file, text = read_yaml_file(path)
    try:
        data = with_folder(path, fields_in_file)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRecord([f"{path}: the code beside it cannot be read: {error}"]) from None
    if data["id"] != path.parent.name:
        raise InvalidRecord([f"{path}: id: {data['id']!r} is not the folder's name; leave the field out"])
    return validated(Entry, data, str(path), text)


def _problem(error: ErrorDetails, cls: type, where: str, text: str) -> str:
    path = tuple(error["loc"])
    line = line_of(text, path) if text else 0
    place = f"{where}:{line}" if line else where
    field = ".".join(str(step) for step in path)
    return f"{place}: {field}: {_message(error, cls)}"


def _without_alternative(error: ErrorDetails, cls: type) -> ErrorDetails | None:
    """Return an error without the name that pydantic adds to the path for an alternative of a union.

    None for the alternative that was not meant: a text where a table was written, or the reverse.
    """
    from kb.records.dataclass_io import dataclass_at  # noqa: PLC0415  only needed for a mistake

    path = error["loc"]
    for index, step in enumerate(path):
        nested = dataclass_at(cls, path[:index])
        if nested is None or step not in {nested.__name__, "str"}:
            continue
        if error["type"] == "dataclass_type" or (step == "str" and isinstance(error["input"], Mapping)):
            return None
        return {**error, "loc": (*path[:index], *path[index + 1 :])}
    return error


def _message(error: ErrorDetails, cls: type) -> str:
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
            return "put it in quotes: YAML reads yes, no, on, off, true and false as booleans"
        case _:
            value = "a hidden value" if SECRET & set(error["loc"]) else mask_secrets(repr(error["input"]))
            return f"{error['msg'][:1].lower()}{error['msg'][1:]}, found {value:.60}"


def _fields_at(cls: type, path: Iterable[int | str]) -> set[str]:
    from kb.records.dataclass_io import dataclass_at  # noqa: PLC0415  only needed for a mistake

    nested = dataclass_at(cls, path)
    return {field.name for field in fields(nested)} - DERIVED if nested else set()
