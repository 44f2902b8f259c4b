"""Every key of `clearpay-doctor.toml`, from the dataclasses that it is checked against."""

import types
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from diagnostics.targets.settings import SecretRef, Settings, TargetSettings
from site_docs.docstrings import field_docs
from site_docs.file import File
from site_docs.markup import page, prose, table

PATH = "target-file.md"
NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): ""}


def target_file_page() -> File:
    """One table for each section."""
    lines = [
        "# The target file, key by key",
        "",
        "`clearpay-doctor.toml` is looked for upward from the working directory, then in the user's",
        "configuration folder; `--config` names another. `--set KEY=VALUE` overrides any key for one run,",
        "also for a bare URL.",
        "Unknown keys and bad values end with one line that names the key.",
        "",
        "## Top level { #top }",
        "",
        *_keys(Settings),
        *_section("target.NAME", TargetSettings),
        "## A secret { #secret }",
        "",
        prose("Where a secret is expected, a table says where it is kept: one of `env`, `file` and `aws`."),
        "",
        *_keys(SecretRef),
    ]
    return File(PATH, page("The target file, key by key", "Every key of clearpay-doctor.toml.", lines))


def _section(place: str, cls: type) -> Iterator[str]:
    """A section and those within it."""
    yield from (f"## `[{place}]` {{ #{_anchor(place)} }}", "", prose((cls.__doc__ or "").strip()), "")
    yield from _keys(cls, place)
    for name, hint in get_type_hints(cls).items():
        if within := _table_in(hint):
            yield from _section(f"{place}.{name}", within)


def _keys(cls: type, place: str = "") -> Iterator[str]:
    docs, hints = field_docs(cls), get_type_hints(cls)
    rows = [
        [
            f"`{field.name}`",
            _type(hints[field.name], place, field.name),
            _default(field),
            prose(docs.get(field.name, "")),
        ]
        for field in fields(cls)
    ]
    yield from table(["Key", "Type", "Default", "Meaning"], rows)


def _type(hint: Any, place: str, name: str) -> str:
    if within := _table_in(hint):
        return f"[table](#{_anchor(f'{place}.{name}')})" if within is not SecretRef else "[secret](#secret)"
    options = get_args(hint) if get_origin(hint) in {types.UnionType, Union} else (hint,)
    if SecretRef in options:
        return "[secret](#secret)"
    if get_origin(hint) is tuple:
        return f"list of {_type(get_args(hint)[0], place, name)}"
    if get_origin(hint) is dict:
        return "tables by name"
    return ", ".join(said for option in options if (said := NAMES.get(option, "")))


def _table_in(hint: Any) -> type | None:
    """The dataclass of a sub-table; secrets have a section of their own."""
    options = get_args(hint) if get_origin(hint) in {types.UnionType, Union} else (hint,)
    found = [option for option in options if isinstance(option, type) and is_dataclass(option)]
    return found[0] if found and found[0] is not SecretRef else None


def _default(field: Field[Any]) -> str:
    if field.default is MISSING:
        return "" if field.default_factory is not MISSING else "**required**"
    return "" if field.default in (None, "", ()) else f"`{_toml(field.default)}`"


def _toml(value: object) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f'"{value}"'
        if isinstance(value, str)
        else str(value)
    )


def _anchor(place: str) -> str:
    return place.lower().replace(".", "-").replace("_", "-")
