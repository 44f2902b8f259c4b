"""Finding and reading `clearpay-doctor.toml`, and from names to targets."""

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


@dataclass(frozen=True, slots=True)
class Config:
    """The settings in force and the file that they came from."""

    settings: Settings = field(default_factory=Settings)
    path: Path | None = None

    @property
    def folder(self) -> Path:
        """What relative paths in the file are relative to."""
        return self.path.parent if self.path else Path()


def find(start: Path | None = None) -> Path | None:
    """The nearest target file: upward from the working directory, then the user's configuration folder."""
    here = (start or Path.cwd()).absolute()
    base = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    places = [folder / FILE_NAME for folder in (here, *here.parents)]
    places.append(base / "clearpay-doctor" / FILE_NAME)
    return next((path for path in places if path.is_file()), None)


def read(path: Path | None) -> Config:
    """Read a target file. Raises InvalidRecord with every problem, InvalidTarget where it cannot be read."""
    if path is None:
        return Config()
    data = _toml(path)
    from kb.records.validate import validated  # noqa: PLC0415  pydantic costs 100 ms; a bare URL needs none of it

    settings = validated(Settings, data, str(path))
    found = [problem for name, one in settings.target.items() for problem in problems(name, one)]
    if settings.default and settings.default not in settings.target:
        found.append(f"default: no target {settings.default}")
    if found:
        raise InvalidRecord(f"{path}: {problem}" for problem in found)
    return Config(settings, path.absolute())


def target_named(name: str, config: Config) -> Target:
    """A target by the name or the address that the user gave. Raises InvalidTarget."""
    if name in config.settings.target:
        return from_settings(name, config.settings.target[name], config.folder)
    if name == LAB:
        return _running_lab()
    try:
        return Target(shown_name := endpoint(name).name, (endpoint(name),), bare=bool(shown_name))
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
    """The target of a command that names none: the file's default or only one, else DATABASE_URL and PG*."""
    names = list(config.settings.target)
    if config.settings.default or len(names) == 1:
        return target_named(config.settings.default or names[0], config)
    if url := environment.get("DATABASE_URL"):
        return Target("DATABASE_URL", (endpoint(url),))
    if environment.get("PGHOST") or environment.get("PGSERVICE"):
        return Target("environment", (Endpoint("postgresql", "postgresql://", "PG* of the environment"),))
    return None


def from_settings(name: str, settings: TargetSettings, folder: Path) -> Target:
    """A target from its table."""
    return Target(name, endpoints(settings), settings, folder)


def endpoints(settings: TargetSettings) -> tuple[Endpoint, ...]:
    """All that a table names, in the order in which a request travels."""
    paths = {kind: getattr(settings.config, role) for role, kind in CONFIG_KINDS.items()}
    source = settings.source.paths if settings.source else ()
    urls = (settings.api, settings.database)
    return (
        *(Endpoint(kind, path, path) for kind, path in paths.items() if path),
        *(Endpoint("source", path, path) for path in source),
        *(endpoint(url) for url in urls if url),
        *(replace(endpoint(one.url), kind="webhook") for one in (settings.webhook,) if one),
        *(replace(endpoint(one.health), kind="service") for one in (settings.service,) if one),
    )


def with_overrides(target: Target, pairs: Mapping[str, str]) -> Target:
    """The target with `--set key.path=value` applied. Raises InvalidRecord for a key that does not exist."""
    if not pairs:
        return target
    # What is a text and stays one needs no validator, which takes as long to load as a probe to run.
    settings = _with_texts(target.settings, pairs) or _validated(target.settings, pairs)
    points = endpoints(settings) or target.endpoints
    return Target(target.name, points, settings, target.folder, bare=target.bare)


def _with_texts(settings: TargetSettings, pairs: Mapping[str, str]) -> TargetSettings | None:
    """The settings with texts of their sections replaced; None where a key or a value is anything else."""
    for path, value in pairs.items():
        section, _, key = path.partition(".")
        table: Any = getattr(settings, section, None)
        types = {one.name: one.type for one in fields(table)} if is_dataclass(table) else {}
        text = _literal(value)
        if types.get(key) is not str or not isinstance(text, str):
            return None
        changed: Any = {section: replace(table, **{key: text})}
        settings = replace(settings, **changed)
    return settings


def _validated(settings: TargetSettings, pairs: Mapping[str, str]) -> TargetSettings:
    from kb.records.dataclass_io import to_data  # noqa: PLC0415  only --set needs it
    from kb.records.validate import validated  # noqa: PLC0415

    data: dict[str, Any] = to_data(settings)
    for path, value in pairs.items():
        *parents, last = path.split(".")
        table = data
        for parent in parents:
            # A section that is not there yet is begun; below a plain value nothing fits, as is said then.
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
        raise InvalidRecord([f"{path}: larger than {MAX_BYTES} bytes, so it is no target file"])
    import tomllib  # noqa: PLC0415  a bare URL has no file to read

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
