"""Environment variables in a target file: `${NAME}` in texts, `{ env = "NAME" }` in the place of a URL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from diagnostics.targets.settings import EnvironmentUrl, SecretRef, TargetSettings

_VARIABLE = re.compile(r"\$(?P<escaped>\$\{)|\$\{(?P<name>[^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SHELL_TABLES = frozenset({"commands"})
"""Tables whose texts are for a shell, which has a `${NAME}` of its own."""
SQL = "report.sql"


@dataclass(slots=True)
class Expansion:
    """Table of one target with its variables replaced, and what could not be replaced."""

    table: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    """Name of the (last) variable by key path."""
    problems: list[str] = field(default_factory=list)
    """One line, with the key path, for each variable that is not set or not written right."""


def expand(table: Mapping[str, Any], environment: Mapping[str, str]) -> Expansion:
    """Replace the references to environment variables in the table of a target.

    `{ env = "NAME" }` in the place of a secret stays a reference: it is resolved when a probe needs it.
    `$${` stands for `${`.
    """
    expansion = Expansion()
    expander = _Expander(expansion, environment)
    expansion.table = {key: expander.value(key, value) for key, value in table.items()}
    return expansion


@dataclass(frozen=True, slots=True)
class _Expander:
    result: Expansion
    environment: Mapping[str, str]

    def value(self, path: str, value: Any) -> Any:
        if path in SHELL_TABLES or path == SQL:
            return value
        if isinstance(value, Mapping):
            if path in url_keys():
                return self._url(path, value)
            return {key: self.value(f"{path}.{key}", item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(path, item) for item in value]
        return self._text(path, value) if isinstance(value, str) and "${" in value else value

    def _url(self, path: str, reference: Mapping[str, Any]) -> Any:
        name = reference.get("env")
        if len(reference) != 1 or not isinstance(name, str):
            self.result.problems.append(f'{path}: a URL is a text or {{ env = "NAME" }}')
            return ""
        return self._variable(path, name)

    def _text(self, path: str, text: str) -> Any:
        whole = _VARIABLE.fullmatch(text)
        if whole and whole["name"] and path in secret_keys():
            # Not resolved before a probe needs it, and no secret that stands in the file.
            self.result.variables[path] = whole["name"]
            return {"env": whole["name"]}
        return _VARIABLE.sub(
            lambda match: "${" if match["escaped"] else self._variable(path, match["name"]), text
        )

    def _variable(self, path: str, name: str) -> str:
        self.result.variables[path] = name
        if not _NAME.fullmatch(name):
            self.result.problems.append(f"{path}: {name!r} is not the name of an environment variable")
            return ""
        if not (value := self.environment.get(name, "")):
            state = "empty" if name in self.environment else "not set"
            self.result.problems.append(f"{path}: environment variable {name} is {state}")
        return value


@cache
def url_keys() -> frozenset[str]:
    """Return the key paths of a target's URLs."""
    return frozenset(path for path, hint in _hints(TargetSettings) if _has(hint, EnvironmentUrl))


@cache
def secret_keys() -> frozenset[str]:
    """Return the key paths of a target's secrets."""
    return frozenset(path for path, hint in _hints(TargetSettings) if SecretRef in (hint, *get_args(hint)))


def _has(hint: Any, marker: type) -> bool:
    return any(isinstance(argument, marker) for argument in get_args(hint))


def _hints(cls: type, place: str = "") -> list[tuple[str, Any]]:
    """Return the types of all keys by their paths, those of nested tables included."""
    hints = get_type_hints(cls, include_extras=True)
    found: list[tuple[str, Any]] = []
    for item in fields(cls):
        path, hint = f"{place}{item.name}", hints[item.name]
        found.append((path, hint))
        for option in (hint, *get_args(hint)):
            if isinstance(option, type) and is_dataclass(option) and option is not SecretRef:
                found += _hints(option, f"{path}.")
    return found
