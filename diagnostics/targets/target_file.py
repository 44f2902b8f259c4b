"""Target file `clearpay-doctor.toml`: search, parsing, and targets by their names."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from diagnostics.errors import InvalidTarget
from diagnostics.targets.environment import Expansion, expand
from diagnostics.targets.file_search import FILE_NAME, VARIABLE, find, locate, own_file
from diagnostics.targets.runtime_folder import lab_target_file
from diagnostics.targets.safe_values import unsafe_values
from diagnostics.targets.settings import Commands, Settings, TargetSettings
from diagnostics.targets.target import CONFIG_KINDS, Endpoint, Target, endpoint
from diagnostics.targets.trust import FileInUse, judge, printable_path
from diagnostics.targets.validation import problems
from kb.parsers.malformed import Malformed
from kb.parsers.plain_file import expanded, read_plain_file
from kb.records.errors import InvalidRecord
from kb.text.suggestions import did_you_mean

__all__ = [
    "FILE_NAME",
    "LAB",
    "VARIABLE",
    "Config",
    "default_target",
    "endpoints",
    "find",
    "from_settings",
    "kb_of",
    "load",
    "read",
    "read_with_data",
    "target_named",
]
MAX_BYTES = 1_000_000
LAB = "lab"
"""Name of the running lab's target; a target file may define another target of this name."""
_VALUE = re.compile(r", found .*|(?<=: )'.*' (?=is not one of)")
"""Value that a message of the validator repeats."""


@dataclass(frozen=True, slots=True)
class Config:
    """Settings in force and the file that they were read from."""

    settings: Settings = field(default_factory=Settings)
    file: FileInUse | None = None
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Environment variables that targets read: by the target's name, by key path."""
    problems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Problems of targets that read the environment, by the target's name: the other targets can be used."""

    @property
    def path(self) -> Path | None:
        """Path of the file, None without one."""
        return self.file.path if self.file else None

    @property
    def folder(self) -> Path:
        """Folder that relative paths in the file are relative to."""
        return self.path.parent if self.path else Path()


def load(named: str | None = None) -> Config:
    """Read the target file that is named by `--config` or CLEARPAY_DOCTOR_CONFIG, else the one that is found.

    Raises UsageError if a named file does not exist, and what `read` raises.
    """
    path, is_named = locate(named)
    return read(path, named=is_named)


def read(path: Path | None, *, named: bool = True) -> Config:
    """Read and validate a target file; `named` is false for one that was found.

    Raises InvalidRecord with all problems, InvalidTarget if the file cannot be read.
    """
    return read_with_data(path, named=named)[0] if path else Config()


def read_with_data(path: Path, *, named: bool = True) -> tuple[Config, bytes]:
    """Return the settings of a target file and its bytes. Raises what `read` raises."""
    file, text, data = _open(path, named=named)
    from kb.records.validate import validated  # noqa: PLC0415  pydantic costs 100 ms; a bare URL needs none of it

    tables: Mapping[str, Any] = found if isinstance(found := data.get("target"), dict) else {}
    read_environment = _expansions(tables)
    static = {name: table for name, table in tables.items() if name not in read_environment}
    settings = validated(Settings, {**data, "target": static} if tables else data, str(path))
    errors = [problem for name, table in settings.target.items() for problem in problems(name, table)]
    if settings.default and settings.default not in tables:
        errors.append(f"default: no target {settings.default}")
    if errors:
        raise InvalidRecord(f"{path}: {problem}" for problem in errors)
    resolved = {name: _resolved(name, expansion, file) for name, expansion in read_environment.items()}
    targets = {name: resolved[name][0] if name in resolved else settings.target[name] for name in tables}
    config = Config(
        replace(settings, target=targets),
        file,
        {name: expansion.variables for name, expansion in read_environment.items()},
        {name: found for name, (_, found) in resolved.items() if found},
    )
    return config, text


def kb_of(path: Path, *, named: bool) -> tuple[tuple[str, ...], str]:
    """Return the folders of entries that a target file names, without validating the rest of it.

    Those of a file that is not trusted are left out: the second value is the reason, otherwise empty. Raises
    InvalidRecord, InvalidTarget.
    """
    file, _, data = _open(path, named=named)
    folders = data.get("kb", [])
    if not isinstance(folders, list) or not all(isinstance(folder, str) and folder for folder in folders):
        raise InvalidRecord([f'{path}: kb: a list of folders, as in kb = ["./kb"]'])
    if folders and file.blocked:
        return (), f"entries of {', '.join(folders)} are left out: {file.blocked}"
    return tuple(str(file.path.parent / expanded(folder)) for folder in folders), ""


def _open(path: Path, *, named: bool) -> tuple[FileInUse, bytes, dict[str, Any]]:
    """Return a target file, its bytes and its tables. Raises InvalidRecord, InvalidTarget."""
    text, status = _read_bytes(path)
    file = judge(path.absolute(), status, text, named=named, own=path.absolute() == own_file())
    return file, text, _parse(path, text)


def _expansions(tables: Mapping[str, Any]) -> Mapping[str, Expansion]:
    """Return the tables that read the environment, their variables replaced, by the target's name."""
    named = {name: table for name, table in tables.items() if isinstance(table, dict)}
    expansions = {name: expand(table, os.environ) for name, table in named.items()}
    return {name: found for name, found in expansions.items() if found.variables or found.problems}


def _resolved(name: str, expansion: Expansion, file: FileInUse) -> tuple[TargetSettings, tuple[str, ...]]:
    """Validate a table that reads the environment. Values of variables are not repeated in its problems."""
    from kb.records.validate import validated  # noqa: PLC0415  as above

    path, settings = file.path, TargetSettings()
    if file.blocked:  # a variable may hold a secret, and a URL would send it
        names = ", ".join(sorted(set(expansion.variables.values())))
        return settings, (f"target.{name} reads {names} of the environment, but {file.blocked}",)
    if expansion.problems:
        return settings, tuple(f"{path}: target.{name}.{problem}" for problem in expansion.problems)
    try:
        settings = validated(Settings, {"target": {name: expansion.table}}, str(path)).target[name]
    except InvalidRecord as error:
        return settings, tuple(_VALUE.sub("", problem) for problem in error.problems)
    return settings, tuple(f"{path}: {problem}" for problem in problems(name, settings, expansion.variables))


def target_named(name: str, config: Config) -> Target:
    """Return the target of a name in the target file, of `lab`, or of an address.

    Raises InvalidTarget, and InvalidRecord if the environment that the target reads is not as it must be.
    """
    if name in config.settings.target:
        if name in config.problems:
            raise InvalidRecord(config.problems[name])
        settings = config.settings.target[name]
        if config.file and config.file.blocked:
            settings = replace(settings, commands=Commands())
        target = from_settings(name, settings, config.folder)
        return replace(target, variables=config.variables.get(name, {}), file=config.file)
    if name == LAB:
        return _running_lab()
    try:
        point = endpoint(name)
        return Target(point.name, (point,), bare=bool(point.name))
    except InvalidTarget as error:
        near = did_you_mean(name, config.settings.target)
        raise InvalidTarget(f"{error}; {near}" if near else str(error)) from None


def _running_lab() -> Target:
    path = lab_target_file()
    if not path.is_file():
        raise InvalidTarget("lab: it is not running; start it in another terminal: clearpay-doctor lab up")
    running = read(path)
    target = from_settings(LAB, running.settings.target[LAB], running.folder)
    return replace(target, file=running.file)


def default_target(config: Config, environment: Mapping[str, str]) -> Target | None:
    """Return the target of a command without --target; None if there is none.

    The target file's `default` or only target, otherwise DATABASE_URL, otherwise libpq's PG* variables.
    """
    names = list(config.settings.target)
    if config.settings.default or len(names) == 1:
        return target_named(config.settings.default or names[0], config)
    if url := environment.get("DATABASE_URL"):
        return Target("DATABASE_URL", (_database(url, "DATABASE_URL"),))
    if environment.get("PGHOST") or environment.get("PGSERVICE"):
        return Target("environment", (Endpoint("postgresql", "postgresql://", "PG* of the environment"),))
    return None


def _database(url: str, variable: str) -> Endpoint:
    """Return the endpoint of a variable's URL. Raises InvalidTarget, which does not repeat the value."""
    try:
        point = endpoint(url)
    except InvalidTarget:
        point = None
    if point is None or point.kind != "postgresql":
        form = "postgresql://role@host:5432/database"
        raise InvalidTarget(f"{variable} is not a URL of PostgreSQL; expected {form}, or name a --target")
    return point


def from_settings(name: str, settings: TargetSettings, folder: Path) -> Target:
    """Return the target of a table; `folder` is the one of its file."""
    return Target(name, endpoints(settings), settings, folder)


def endpoints(settings: TargetSettings) -> tuple[Endpoint, ...]:
    """Return the endpoints of a table in the order of a request: files, API, database, webhook, service."""
    paths = {kind: getattr(settings.config, role) for role, kind in CONFIG_KINDS.items()}
    source = settings.source.paths if settings.source else ()
    urls = (settings.api, settings.database)
    return (
        *(Endpoint(kind, path, path) for kind, path in paths.items() if path),
        *(Endpoint("source", path, path) for path in source),
        *(endpoint(url) for url in urls if url),
        *(replace(endpoint(hook.url), kind="webhook") for hook in (settings.webhook,) if hook),
        *(replace(endpoint(service.health), kind="service") for service in (settings.service,) if service),
    )


def _read_bytes(path: Path) -> tuple[bytes, os.stat_result]:
    """Return the contents of a target file and the status of the file that was read.

    Raises InvalidTarget if it cannot be read, InvalidRecord if it is too large.
    """
    try:
        return read_plain_file(path, MAX_BYTES)
    except OSError as error:
        raise InvalidTarget(f"{printable_path(path)}: cannot be read: {error.strerror}") from None
    except Malformed as error:
        raise InvalidRecord([f"{printable_path(path)}: {error}; not a target file"]) from None


def _parse(path: Path, data: bytes) -> dict[str, Any]:
    """Parse the contents of a target file. Raises InvalidRecord with the place of each error."""
    from kb.parsers.toml_document import parse_toml  # noqa: PLC0415  a bare URL does not need it

    name = printable_path(path)
    try:
        document = parse_toml(data)
    except Malformed as error:
        raise InvalidRecord([f"{name}: not TOML: {error}"]) from None
    if problems_of_values := [f"{name}: {problem}" for problem in unsafe_values(document)]:
        raise InvalidRecord(problems_of_values)
    return document
