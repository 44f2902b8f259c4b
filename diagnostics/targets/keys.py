"""Keys of the target file with type, default and meaning, from the dataclasses that validate it."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from diagnostics.targets.settings import EnvironmentUrl, Module, SecretRef, Settings, TargetSettings
from kb.records.field_docs import field_docs

TARGET = "target.NAME"
MODULE = "module.NAME"
SECRET = "SECRET"  # noqa: S105  a word in the list of keys
"""Section of the fields that a secret has, wherever one is expected."""
TYPE_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Key:
    """One key."""

    name: str
    type: str
    """Type in words; `table` for a nested table, `secret` for a reference to a secret or its value."""
    default: str
    """Default in TOML; empty if there is none."""
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class KeySection:
    """Keys of one table."""

    place: str
    """Name of the table, `target.NAME.tls`; empty for the top level."""
    meaning: str
    keys: tuple[Key, ...]


def key_sections() -> Iterator[KeySection]:
    """Yield the tables of the file: the top level, a target with its tables, a module, and a secret."""
    yield _section("", Settings)
    yield from _nested_sections(TARGET, TargetSettings)
    yield _section(MODULE, Module)
    yield _section(SECRET, SecretRef)


def _nested_sections(place: str, cls: type) -> Iterator[KeySection]:
    yield _section(place, cls)
    for name, hint in get_type_hints(cls).items():
        if nested := _table_class(hint):
            yield from _nested_sections(f"{place}.{name}", nested)


def _section(place: str, cls: type) -> KeySection:
    docs, hints = field_docs(cls), get_type_hints(cls, include_extras=True)
    keys = (
        Key(
            name=item.name,
            type=_type(hints[item.name]),
            default=_default(item),
            required=item.default is MISSING and item.default_factory is MISSING,
            meaning=docs.get(item.name, "") or _first_line(_table_class(hints[item.name])),
        )
        for item in fields(cls)
    )
    return KeySection(place, " ".join((cls.__doc__ or "").split()), tuple(keys))


def _first_line(cls: type | None) -> str:
    return (cls.__doc__ or "").partition("\n")[0] if cls else ""


def _type(hint: Any) -> str:
    options = _options(hint)
    if SecretRef in options:
        return "secret"
    if _table_class(hint):
        return "table"
    if get_origin(hint) is Annotated and isinstance(hint.__metadata__[0], EnvironmentUrl):
        return 'URL, or { env = "NAME" }'
    if get_origin(hint) is tuple:
        return f"list of {_type(get_args(hint)[0])}"
    return "tables by name" if get_origin(hint) in {dict, Mapping} else _plain_type(hint)


def _plain_type(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return " or ".join(f'"{value}"' for value in get_args(hint) if value)
    return " or ".join(TYPE_NAMES[option] for option in _options(hint) if option in TYPE_NAMES)


def _table_class(hint: Any) -> type | None:
    """Return the dataclass of a nested table, or None; secrets have their own section."""
    classes = [option for option in _options(hint) if isinstance(option, type) and is_dataclass(option)]
    return classes[0] if classes and classes[0] is not SecretRef else None


def _options(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {types.UnionType, Union} else (hint,)


def _default(item: Field[Any]) -> str:
    if item.default is MISSING or item.default in (None, "", ()):
        return ""
    if isinstance(item.default, bool):
        return str(item.default).lower()
    return f'"{item.default}"' if isinstance(item.default, str) else str(item.default)
