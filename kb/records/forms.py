"""Older names and shorter forms of a record's fields, which are read as the present ones."""

from collections.abc import Callable, Mapping
from typing import Any, Final

ENTRY_ALIASES: Final = {"told_as": "user_phrases", "also_said": "other_messages"}
CAUSE_ALIASES: Final = {"tell": "manual_check"}
"""Present name of a field by its older one."""


def normalized(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a record with older names replaced and shorter forms written out.

    A field of the wrong type stays as it is, for the validation to report.
    """
    return {**_renamed(data, ENTRY_ALIASES), **_each(data, "causes", _cause)}


def _cause(cause: Mapping[str, Any]) -> dict[str, Any]:
    data = {**_renamed(cause, CAUSE_ALIASES), **_each(cause, "fix", _step)}
    if isinstance(check := data.get("manual_check"), str):
        data["manual_check"] = [{"do": check}]
    elif isinstance(check, list):
        data["manual_check"] = [{"do": step} if isinstance(step, str) else step for step in check]
    return data


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    data = dict(step)
    if data.get("kind") == "message":
        data.setdefault("changes", False)
    ways = data.get("ways")
    if isinstance(ways, Mapping):
        data["ways"] = {name: {"code": way} if isinstance(way, str) else way for name, way in ways.items()}
    return data


def _each(
    data: Mapping[str, Any], name: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Return the field with a list of mappings, each of them changed; empty if it is not such a list."""
    items = data.get(name)
    if not isinstance(items, list):
        return {}
    return {name: [change(item) if isinstance(item, Mapping) else item for item in items]}


def _renamed(data: Mapping[str, Any], aliases: Mapping[str, str]) -> dict[str, Any]:
    """Return a mapping with present names. Of a field with both names the older one stays, as unknown."""
    return {
        name if (present := aliases.get(name, name)) in data and present != name else present: value
        for name, value in data.items()
    }


def with_former_names(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of an entry for JSON with the older names beside the present ones.

    `tell` is the manual check as one text.
    """
    former = {old: entry[present] for old, present in ENTRY_ALIASES.items()}
    causes = [{**cause, "tell": _as_text(cause["manual_check"])} for cause in entry["causes"]]
    return {**entry, **former, "causes": causes}


def _as_text(check: list[dict[str, str]]) -> str:
    return " ".join(f"{step['do']} `{step['run']}`" if step["run"] else step["do"] for step in check)


def record_schema(document: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a record with the older names and the shorter forms, for editors."""
    types = document["$defs"]
    for alias, present in ENTRY_ALIASES.items():
        document["properties"][alias] = {**document["properties"][present], "deprecated": True}
    cause, step = types["Cause"], types["FixStep"]
    check = cause["properties"]["manual_check"]
    check["items"] = {"anyOf": [{"type": "string"}, check["items"]]}
    cause["properties"]["manual_check"] = {"anyOf": [{"type": "string"}, check]}
    cause["properties"]["tell"] = {"type": "string", "deprecated": True}
    cause["required"] = [name for name in cause["required"] if name != "manual_check"]
    cause["anyOf"] = [{"required": [name]} for name in ("manual_check", "tell")]
    for name in ("platform", "examples"):
        del step["properties"][name]
    ways = step["properties"]["ways"]
    ways["additionalProperties"] = {"anyOf": [{"type": "string"}, ways["additionalProperties"]]}
    return document
