"""JSON Schema of the target file, for editors."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin, get_type_hints

from diagnostics.targets.settings import Settings
from kb.records.field_docs import field_docs


def target_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of `clearpay-doctor.toml`, each key with its meaning."""
    from kb.records.validate import schema  # noqa: PLC0415  pydantic

    document = schema(Settings)
    classes = {cls.__name__: cls for cls in _classes(Settings)}
    _describe(document, Settings)
    for name, definition in document["$defs"].items():
        _describe(definition, classes[name])
    return document


def _describe(definition: Mapping[str, Any], cls: type) -> None:
    docs = field_docs(cls)
    for name, described in definition["properties"].items():
        if name in docs:
            described["description"] = docs[name]


def _classes(hint: Any) -> set[type]:
    """Return the dataclasses that a type consists of."""
    if get_origin(hint) is not None or get_args(hint):
        return {cls for argument in get_args(hint) for cls in _classes(argument)}
    if not hasattr(hint, "__dataclass_fields__"):
        return set()
    return {hint} | {cls for nested in get_type_hints(hint).values() for cls in _classes(nested)}
