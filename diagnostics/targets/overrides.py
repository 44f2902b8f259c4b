"""Overrides of a target's settings for one run: `--set key.path=value`."""

import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from diagnostics.errors import printable
from diagnostics.targets.environment import expand
from diagnostics.targets.safe_values import unsafe_text
from diagnostics.targets.settings import TargetSettings
from diagnostics.targets.target import Target
from diagnostics.targets.target_file import endpoints
from diagnostics.targets.validation import problems
from kb.parsers.malformed import Malformed
from kb.records.errors import InvalidRecord


def with_overrides(target: Target, pairs: Mapping[str, str]) -> Target:
    """Return the target with other values in its settings; `pairs` has them by key path, in TOML or as text.

    Raises InvalidRecord for a key that does not exist or a value that cannot be right.
    """
    if not pairs:
        return target
    values = {path: value_of(path, value) for path, value in pairs.items()}
    kept = {path: name for path, name in target.variables.items() if path not in pairs}
    # A text that replaces a text has the right type: loading pydantic takes as long as a probe runs.
    if with_texts := _with_texts(target.settings, values):
        settings, variables = with_texts, kept
    else:
        expansion = expand(values, os.environ)
        if expansion.problems:
            raise InvalidRecord(f"--set: {problem}" for problem in expansion.problems)
        settings = _with_values(target.settings, expansion.table)
        variables = kept | expansion.variables
    if found := list(problems(target.name, settings, variables)):
        raise InvalidRecord(f"--set: {problem}" for problem in found)
    points = endpoints(settings) or target.endpoints
    return replace(target, endpoints=points, settings=settings, variables=variables)


def _with_texts(settings: TargetSettings, values: Mapping[str, Any]) -> TargetSettings | None:
    """Return the settings with texts of their tables replaced; None if a key or a value is no plain text."""
    for path, text in values.items():
        section, _, key = path.partition(".")
        table: Any = getattr(settings, section, None)
        types = {item.name: item.type for item in fields(table)} if is_dataclass(table) else {}
        if types.get(key) is not str or not isinstance(text, str) or "${" in text:
            return None
        changed: Any = {section: replace(table, **{key: text})}
        settings = replace(settings, **changed)
    return settings


def _with_values(settings: TargetSettings, values: Mapping[str, Any]) -> TargetSettings:
    from kb.records.dataclass_io import to_data  # noqa: PLC0415  only --set needs it
    from kb.records.validate import validated  # noqa: PLC0415

    data: dict[str, Any] = to_data(settings)
    for path, value in values.items():
        *parents, last = path.split(".")
        table = data
        for parent in parents:
            # Validation reports a table in the place of a plain value.
            if not isinstance(table.get(parent), dict):
                table[parent] = {}
            table = table[parent]
        table[last] = value
    return validated(TargetSettings, data, "--set")


def value_of(path: str, text: str) -> Any:
    """Return the value of `--set path=text`: of TOML if the text is one, otherwise the text itself.

    Raises InvalidRecord for a path or a value that exceeds a limit of the target file.
    """
    from kb.parsers.toml_document import MAX_KEY_PARTS, parse_toml_value  # noqa: PLC0415  for --set only

    name = printable(path)
    if unsafe_text(path) or path.count(".") >= MAX_KEY_PARTS:
        raise InvalidRecord([f"--set {name}: not a key path, as thresholds.deadlock_window_s"])
    try:
        return parse_toml_value(text)
    except Malformed as error:
        raise InvalidRecord([f"--set {name}: {error}"]) from None
