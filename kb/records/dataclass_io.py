"""Plain data to frozen dataclasses, for data that is known to be valid."""

import types
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def build(cls: Callable[..., T], data: Mapping[str, Any]) -> T:
    """A dataclass from a mapping, nested dataclasses and tuples included. Unknown keys raise TypeError."""
    hints = _hints(cls)
    return cls(**{key: _value(hints.get(key), value) for key, value in data.items()})


def to_data(value: object) -> Any:
    """The way back: dataclasses to dicts, tuples to lists; empty fields stay."""
    if is_dataclass(value):
        return {field.name: to_data(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_data(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_data(item) for item in value]
    return value


def dataclass_at(cls: type, steps: Iterable[int | str]) -> type[Any] | None:
    """The dataclass that a path of field names and positions leads to, None where it leads elsewhere."""
    hint: Any = cls
    for step in steps:
        hint = _hint_within(hint, step)
    found = _dataclass_in(hint)
    return found if isinstance(found, type) else None


def _hint_within(hint: Any, step: int | str) -> Any:
    if get_origin(hint) is dict:
        return get_args(hint)[1]
    if isinstance(step, int):
        return get_args(hint)[0] if get_args(hint) else None
    found = _dataclass_in(hint)
    return _hints(found).get(step) if found else None


@cache
def _hints(cls: Hashable) -> dict[str, Any]:
    return get_type_hints(cls)


def _value(hint: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        cls = _dataclass_in(hint)
        return build(cls, value) if cls else dict(value)
    if isinstance(value, list):
        item = get_args(hint)[0] if get_origin(hint) is tuple else None
        return tuple(_value(item, one) for one in value)
    return value


def _dataclass_in(hint: Any) -> Callable[..., Any] | None:
    options = get_args(hint) if get_origin(hint) is types.UnionType else (hint,)
    return next((option for option in options if isinstance(option, type) and is_dataclass(option)), None)
