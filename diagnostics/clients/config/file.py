"""Configuration files as probes read them: the file, its format and its table for a role."""

import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path

from diagnostics.clients.config.own_names import forms_of, known_keys, with_our_keys
from diagnostics.clients.config.readers.env import read_env
from diagnostics.clients.config.readers.json import read_json
from diagnostics.clients.config.readers.python import read_python
from diagnostics.clients.config.readers.toml import read_toml
from diagnostics.clients.config.readers.yaml import read_yaml
from diagnostics.clients.config.secrets import learn
from diagnostics.clients.config.tree import Document, Section, Unreadable, find_section
from diagnostics.engine.context import Context
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.target import CONFIG_KINDS

MAX_BYTES = 1_000_000
SECRETS = ("api_key", "secret_key", "webhook_secret")
"""Keys of credentials that are secrets, under whatever name."""
MIN_KEYS = 2
"""Keys of a role that a table must have if the target does not declare the role of the file."""
ROLES: Mapping[str, frozenset[str]] = {
    "credentials": frozenset({"api_key", "merchant_id", "secret_key", "environment"}),
    "network": frozenset(
        {
            "connection_timeout",
            "connect_timeout",
            "read_timeout",
            "max_retries",
            "retry_delay",
            "backoff_factor",
            "retry_methods",
        }
    ),
    "currency": frozenset({"supported_currencies", "default_currency", "min_amount", "max_amount"}),
    "webhook": frozenset(
        {"verify_signatures", "signature_header", "webhook_secret", "tolerance_seconds", "events_to_process"}
    ),
    "logging": frozenset(
        {"version", "handlers", "loggers", "formatters", "root", "disable_existing_loggers"}
    ),
}
"""Keys of each role in `[target.x.config]`; the role of a bare path is recognised by them."""
READERS: Mapping[str, Callable[[str], Document]] = {
    ".py": read_python,
    ".toml": read_toml,
    ".json": read_json,
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".env": read_env,
}


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """Parsed file, and its table for one role."""

    path: Path
    name: str
    """Name as evidence shows it, before the line."""
    document: Document
    section: Section
    names: Mapping[str, str] = field(default_factory=dict)
    """Names that the application gives to keys, by the keys of the section."""

    def own_name(self, key: str) -> str:
        """Return the name of a key as the file has it."""
        return self.names.get(key, key)


def config_file(context: Context, role: str) -> ConfigFile:
    """Read the endpoint's file and find its table for a role.

    Raises Skip if it is a file of another role, CannotTell if it cannot be read or has no such table.
    """
    declared = context.endpoint.kind != "path"
    path = context.target.folder / context.endpoint.url
    if path.is_dir():
        raise Skip(f"{context.endpoint.name} is a folder; name the configuration file")
    if not declared and not reader_of(path):
        raise Skip(f"{context.endpoint.name} is not a {', '.join(READERS)} file")
    with context.step("read"):
        _learn_secrets_of_others(context)
        document = read(path)
        learn(context.redactor, document, _own_secrets(context))
    names = {key: name for key, name in _names(context).items() if key in ROLES[role]}
    table = find_section(document.root, known_keys(ROLES[role], names), 1 if declared else MIN_KEYS)
    if table is None and declared:
        keys = ", ".join(sorted(names.get(key, key) for key in ROLES[role]))
        hint = "; [target.NAME.config.names] maps other names" if role == "credentials" and not names else ""
        raise CannotTell(f"{path.name}: no table with any of {keys}{hint}")
    if table is None:
        raise Skip(f"{context.endpoint.name} has no table for {role}")
    name = Path(context.endpoint.name).name
    return ConfigFile(path, name, document, with_our_keys(table, names), names)


def _names(context: Context) -> dict[str, str]:
    """Return the application's own names by our keys."""
    names = context.target.settings.config.names
    return {item.name: name for item in fields(names) if (name := getattr(names, item.name))}


def _own_secrets(context: Context) -> frozenset[str]:
    """Return the application's own names of secrets, as readers give them."""
    names = _names(context)
    return frozenset(form for key in SECRETS if key in names for form in forms_of(names[key]))


def _learn_secrets_of_others(context: Context) -> None:
    """Mask the secrets of the target's other files too: this file may repeat them."""
    for endpoint in context.target.endpoints:
        if endpoint.kind in CONFIG_KINDS.values() and endpoint != context.endpoint:
            with suppress(CannotTell):
                document = read(context.target.folder / endpoint.url)
                learn(context.redactor, document, _own_secrets(context))


def reader_of(path: Path) -> Callable[[str], Document] | None:
    """Return the reader for a file name, or None; `.env.production` is an environment file too."""
    env = path.name == ".env" or path.name.startswith(".env.")
    return read_env if env else READERS.get(path.suffix.lower())


def in_version_control(path: Path) -> bool:
    """Return True for files that are usually in version control and must not hold secrets; False for .env."""
    return reader_of(path) is not read_env


def read(path: Path) -> Document:
    """Parse a file by its suffix. Raises CannotTell, whose message repeats nothing of the content."""
    reader = reader_of(path)
    if reader is None:
        raise CannotTell(f"{path.name}: not one of the formats {', '.join(READERS)}")
    text = _text(path)
    try:
        return reader(text)
    except Unreadable as error:
        raise CannotTell(f"{path.name}: {error}") from None
    except (RecursionError, MemoryError):
        raise CannotTell(f"{path.name}: nested too deeply to be a configuration") from None


def _text(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise CannotTell(f"{path.name}: not a regular file; reading a pipe would never end")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise CannotTell(f"{path.name}: larger than {MAX_BYTES} bytes, so it is not a configuration")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise CannotTell(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CannotTell(f"{path.name}: not UTF-8 at byte {error.start}") from None
