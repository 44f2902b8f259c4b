"""Finding and reading `clearpay-doctor.toml`, and from names to targets."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from diagnostics.complaints import InvalidTarget, shown
from diagnostics.runtime import lab_target_file
from diagnostics.settings import SecretRef, Settings, TargetSettings
from diagnostics.target import Endpoint, Target, endpoint
from kb.invalid import InvalidRecord
from kb.nearest import did_you_mean

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
    from kb.validate import validated  # noqa: PLC0415  pydantic costs 100 ms; a bare URL needs none of it

    settings = validated(Settings, data, str(path))
    problems = [problem for name, one in settings.target.items() for problem in _problems(name, one)]
    if settings.default and settings.default not in settings.target:
        problems.append(f"default: no target {settings.default}")
    if problems:
        raise InvalidRecord(f"{path}: {problem}" for problem in problems)
    return Config(settings, path.absolute())


def named(name: str, config: Config) -> Target:
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


def default(config: Config, environment: Mapping[str, str]) -> Target | None:
    """The target of a command that names none: the file's default or only one, else DATABASE_URL and PG*."""
    names = list(config.settings.target)
    if config.settings.default or len(names) == 1:
        return named(config.settings.default or names[0], config)
    if url := environment.get("DATABASE_URL"):
        return Target("DATABASE_URL", (endpoint(url),))
    if environment.get("PGHOST") or environment.get("PGSERVICE"):
        return Target("environment", (Endpoint("postgresql", "postgresql://", "PG* of the environment"),))
    return None


def from_settings(name: str, settings: TargetSettings, folder: Path) -> Target:
    """A target from its table."""
    points = tuple(endpoint(url) for url in (settings.database,) if url)
    return Target(name, points, settings, folder)


def with_overrides(target: Target, pairs: Mapping[str, str]) -> Target:
    """The target with `--set key.path=value` applied. Raises InvalidRecord for a key that does not exist."""
    if not pairs:
        return target
    from kb.build import to_data  # noqa: PLC0415  only --set needs it
    from kb.validate import validated  # noqa: PLC0415

    data: dict[str, Any] = to_data(target.settings)
    for path, value in pairs.items():
        *parents, last = path.split(".")
        table = data
        for parent in parents:
            table = table.setdefault(parent, {}) if isinstance(table.get(parent, {}), dict) else {}
        table[last] = _literal(value)
    settings = validated(TargetSettings, data, "--set")
    points = (endpoint(settings.database),) if settings.database else target.endpoints
    return Target(target.name, points, settings, target.folder, bare=target.bare)


def literal_secrets(target: Target) -> list[str]:
    """The secrets that stand in the file itself."""
    settings = target.settings
    given = {"secrets.database": settings.secrets.database, "secrets.monitor": settings.secrets.monitor}
    urls = {"database": settings.database, "monitor": settings.monitor}
    found = [key for key, value in given.items() if isinstance(value, str)]
    return found + [key for key, url in urls.items() if url and urlsplit(url).password]


def _toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidTarget(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise InvalidRecord([f"{path}: larger than {MAX_BYTES} bytes, so it is no target file"])
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidRecord([f"{path}: not TOML: {error}"]) from None


def _problems(name: str, settings: TargetSettings) -> list[str]:
    where = f"target.{name}"
    found = []
    for key, url in (("database", settings.database), ("monitor", settings.monitor)):
        if url and (problem := _url_problem(url)):
            found.append(f"{where}.{key}: {problem}")
    refs = {"secrets.database": settings.secrets.database, "secrets.monitor": settings.secrets.monitor}
    refs |= {"rotation.secret": settings.rotation.secret} if settings.rotation else {}
    for key, ref in refs.items():
        if isinstance(ref, SecretRef) and sum(map(bool, (ref.env, ref.file, ref.aws))) != 1:
            found.append(f"{where}.{key}: give exactly one of env, file, aws")
    return found + [f"{where}.{problem}" for problem in (*_pool(settings), *_report(settings))]


def _pool(settings: TargetSettings) -> Iterator[str]:
    pool = settings.pool
    if pool and (pool.size < 1 or pool.processes < 1):
        yield "pool: size and processes are at least 1"
    if pool and pool.max_overflow < 0:
        yield "pool.max_overflow: an overflow without limit has no capacity; name the most that may open"


def _report(settings: TargetSettings) -> Iterator[str]:
    report = settings.report
    if report and bool(report.sql) == bool(report.sql_file):
        yield "report: give exactly one of sql, sql_file"
    if report and report.memory_mb < 1:
        yield "report.memory_mb: is at least 1"


def _url_problem(url: str) -> str:
    try:
        point = endpoint(url)
    except InvalidTarget as error:
        return str(error)
    if point.kind != "postgresql":
        return f"{shown(url)} is no database URL; write postgresql://role@host:5432/database"
    return ""


def _literal(value: str) -> Any:
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value
