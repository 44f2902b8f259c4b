"""Reference of `clearpay-doctor.toml`, generated from the dataclasses that validate it."""

import types
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from diagnostics.targets.settings import SecretRef, Settings, TargetSettings
from site_docs.docstrings import field_docs
from site_docs.file import File
from site_docs.markup import page, prose, table

PATH = "target-file.md"
TYPE_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): ""}


def target_file_page() -> File:
    """Return the page with a table of keys for each section."""
    lines = [
        "# The target file, key by key",
        "",
        "`clearpay-doctor.toml` is searched in the working directory and its parents, then in the user's",
        "configuration folder; `--config` names another file. `--set KEY=VALUE` overrides any key for one",
        "run, also when the target is a URL.",
        "An unknown key or an invalid value is an error whose one line names the key.",
        "",
        "## Top level { #top }",
        "",
        *_keys(Settings),
        *_section("target.NAME", TargetSettings),
        "## A secret { #secret }",
        "",
        prose("A secret is a table that names the source of its value: one of `env`, `file` and `aws`."),
        "",
        *_keys(SecretRef),
    ]
    return File(PATH, page("The target file, key by key", "Every key of clearpay-doctor.toml.", lines))


def _section(place: str, cls: type) -> Iterator[str]:
    """Yield a section and its subsections."""
    yield from (f"## `[{place}]` {{ #{_anchor(place)} }}", "", prose((cls.__doc__ or "").strip()), "")
    yield from _keys(cls, place)
    for name, hint in get_type_hints(cls).items():
        if nested := _table_class(hint):
            yield from _section(f"{place}.{name}", nested)


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
    if nested := _table_class(hint):
        return f"[table](#{_anchor(f'{place}.{name}')})" if nested is not SecretRef else "[secret](#secret)"
    options = get_args(hint) if get_origin(hint) in {types.UnionType, Union} else (hint,)
    if SecretRef in options:
        return "[secret](#secret)"
    if get_origin(hint) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(hint))
    if get_origin(hint) is tuple:
        return f"list of {_type(get_args(hint)[0], place, name)}"
    if get_origin(hint) is dict:
        return "tables by name"
    return ", ".join(word for option in options if (word := TYPE_NAMES.get(option, "")))


def _table_class(hint: Any) -> type | None:
    """Return the dataclass of a nested table, or None; secrets have their own section."""
    options = get_args(hint) if get_origin(hint) in {types.UnionType, Union} else (hint,)
    classes = [option for option in options if isinstance(option, type) and is_dataclass(option)]
    return classes[0] if classes and classes[0] is not SecretRef else None


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
