"""Target file `clearpay-doctor.toml`: search, parsing, and targets by their names."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from diagnostics.errors import InvalidTarget
from diagnostics.targets.runtime_folder import lab_target_file
from diagnostics.targets.settings import Settings, TargetSettings
from diagnostics.targets.target import CONFIG_KINDS, Endpoint, Target, endpoint
from diagnostics.targets.validation import problems
from kb.records.errors import InvalidRecord
from kb.text.suggestions import did_you_mean

FILE_NAME = "clearpay-doctor.toml"
MAX_BYTES = 1_000_000
LAB = "lab"
"""Name of the running lab's target; a target file may define another target of this name."""


@dataclass(frozen=True, slots=True)
class Config:
    """Settings in force and the file that they were read from."""

    settings: Settings = field(default_factory=Settings)
    path: Path | None = None

    @property
    def folder(self) -> Path:
        """Folder that relative paths in the file are relative to."""
        return self.path.parent if self.path else Path()


def find(start: Path | None = None) -> Path | None:
    """Return the nearest target file: upward from `start`, then in the user's configuration folder.

    `start` defaults to the working directory.
    """
    here = (start or Path.cwd()).absolute()
    base = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    places = [folder / FILE_NAME for folder in (here, *here.parents)]
    places.append(base / "clearpay-doctor" / FILE_NAME)
    return next((path for path in places if path.is_file()), None)


def read(path: Path | None) -> Config:
    """Read and validate a target file.

    Raises InvalidRecord with all problems, InvalidTarget if the file cannot be read.
    """
    if path is None:
        return Config()
    data = _toml(path)
    from kb.records.validate import validated  # noqa: PLC0415  pydantic costs 100 ms; a bare URL needs none of it

    settings = validated(Settings, data, str(path))
    errors = [problem for name, table in settings.target.items() for problem in problems(name, table)]
    if settings.default and settings.default not in settings.target:
        errors.append(f"default: no target {settings.default}")
    if errors:
        raise InvalidRecord(f"{path}: {problem}" for problem in errors)
    return Config(settings, path.absolute())


def target_named(name: str, config: Config) -> Target:
    """Return the target of a name in the target file, of `lab`, or of an address. Raises InvalidTarget."""
    if name in config.settings.target:
        return from_settings(name, config.settings.target[name], config.folder)
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
    return from_settings(LAB, running.settings.target[LAB], running.folder)


def default_target(config: Config, environment: Mapping[str, str]) -> Target | None:
    """Return the target of a command without --target; None if there is none.

    The target file's `default` or only target, otherwise DATABASE_URL, otherwise libpq's PG* variables.
    """
    names = list(config.settings.target)
    if config.settings.default or len(names) == 1:
        return target_named(config.settings.default or names[0], config)
    if url := environment.get("DATABASE_URL"):
        return Target("DATABASE_URL", (endpoint(url),))
    if environment.get("PGHOST") or environment.get("PGSERVICE"):
        return Target("environment", (Endpoint("postgresql", "postgresql://", "PG* of the environment"),))
    return None


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


def with_overrides(target: Target, pairs: Mapping[str, str]) -> Target:
    """Return the target with `--set key.path=value` applied; `pairs` has the values by key path.

    Raises InvalidRecord for a key that does not exist or a value of the wrong type.
    """
    if not pairs:
        return target
    # A text that replaces a text needs no validation: loading pydantic takes as long as a probe runs.
    settings = _with_texts(target.settings, pairs) or _with_values(target.settings, pairs)
    points = endpoints(settings) or target.endpoints
    return Target(target.name, points, settings, target.folder, bare=target.bare)


def _with_texts(settings: TargetSettings, pairs: Mapping[str, str]) -> TargetSettings | None:
    """Return the settings with texts of their tables replaced; None if a key or a value is not a text."""
    for path, value in pairs.items():
        section, _, key = path.partition(".")
        table: Any = getattr(settings, section, None)
        types = {item.name: item.type for item in fields(table)} if is_dataclass(table) else {}
        text = _literal(value)
        if types.get(key) is not str or not isinstance(text, str):
            return None
        changed: Any = {section: replace(table, **{key: text})}
        settings = replace(settings, **changed)
    return settings


def _with_values(settings: TargetSettings, pairs: Mapping[str, str]) -> TargetSettings:
    from kb.records.dataclass_io import to_data  # noqa: PLC0415  only --set needs it
    from kb.records.validate import validated  # noqa: PLC0415

    data: dict[str, Any] = to_data(settings)
    for path, value in pairs.items():
        *parents, last = path.split(".")
        table = data
        for parent in parents:
            # Validation reports a table in the place of a plain value.
            if not isinstance(table.get(parent), dict):
                table[parent] = {}
            table = table[parent]
        table[last] = _literal(value)
    return validated(TargetSettings, data, "--set")


def _toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidTarget(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise InvalidRecord([f"{path}: larger than {MAX_BYTES} bytes; not a target file"])
    import tomllib  # noqa: PLC0415  a bare URL does not need it

    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidRecord([f"{path}: not TOML: {error}"]) from None


def _literal(value: str) -> Any:
    import tomllib  # noqa: PLC0415  as above

    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value
