"""Conversion between plain data and frozen dataclasses, without validation."""

import types
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
_MAPPINGS = (dict, Mapping)


def build(cls: Callable[..., T], data: Mapping[str, Any]) -> T:
    """Build a dataclass from a mapping, including nested dataclasses and tuples.

    Raises TypeError for an unknown or a missing key.
    """
    hints = _hints(cls)
    return cls(**{key: _value(hints.get(key), value) for key, value in data.items()})


def to_data(value: object) -> Any:
    """Convert dataclasses to dicts and sequences to lists, recursively; empty fields stay."""
    if is_dataclass(value):
        return {field.name: to_data(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_data(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_data(item) for item in value]
    return value


def dataclass_at(cls: type, path: Iterable[int | str]) -> type[Any] | None:
    """Return the dataclass at a path of field names and positions, or None if there is another type."""
    hint: Any = cls
    for step in path:
        hint = _hint_within(hint, step)
    nested = _dataclass_in(hint)
    return nested if isinstance(nested, type) else None


def _hint_within(hint: Any, step: int | str) -> Any:
    if get_origin(hint) in _MAPPINGS:
        return get_args(hint)[1]
    if isinstance(step, int):
        return get_args(hint)[0] if get_args(hint) else None
    nested = _dataclass_in(hint)
    return _hints(nested).get(step) if nested else None


@cache
def _hints(cls: Hashable) -> dict[str, Any]:
    return get_type_hints(cls)


def _value(hint: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        if cls := _dataclass_in(hint):
            return build(cls, value)
        item_hint = get_args(hint)[1] if get_origin(hint) in _MAPPINGS else None
        return {key: _value(item_hint, item) for key, item in value.items()} if item_hint else dict(value)
    if isinstance(value, list):
        item_hint = get_args(hint)[0] if get_origin(hint) is tuple else None
        return tuple(_value(item_hint, item) for item in value)
    return value


@cache
def _dataclass_in(hint: Any) -> Callable[..., Any] | None:
    options = get_args(hint) if get_origin(hint) is types.UnionType else (hint,)
    return next((option for option in options if isinstance(option, type) and is_dataclass(option)), None)
