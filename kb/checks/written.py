"""Checks as a record writes them: one block without a list, and the role as `as`."""

from collections.abc import Mapping
from typing import Any, Final

ROLE: Final = "as"
"""Name of the field `role` in a record; Python keeps the word for itself."""


def with_written_checks(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a record with its checks as lists of blocks; other types stay as they are."""
    checks = data.get("checks")
    if not isinstance(checks, Mapping):
        return dict(data)
    return {**data, "checks": {name: _blocks(value) for name, value in checks.items()}}


def _blocks(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [_block(value)]
    return [_block(item) for item in value] if isinstance(value, list) else value


def _block(value: Any) -> Any:
    if not isinstance(value, Mapping) or ROLE not in value or "role" in value:
        return value
    return {"role" if name == ROLE else name: item for name, item in value.items()}


def checks_schema(document: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a record in which checks have the form of a record's text."""
    properties = document["$defs"]["Check"]["properties"]
    properties[ROLE] = properties.pop("role")
    checks = document["properties"]["checks"]
    checks["additionalProperties"] = {
        "anyOf": [{"$ref": "#/$defs/Check"}, checks["additionalProperties"]],
    }
    return document
