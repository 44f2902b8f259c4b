"""A rehearsal of a logging dictionary: in a process of its own, with its files in a temporary folder.

`dictConfig` opens files and sockets, imports what `ext://` and `()` name, and rewires the process that calls
it. So our own process never calls it, and the copy that is rehearsed names nothing but the standard library.
Source: Python, "logging.config", Configuration dictionary schema.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diagnostics.clients.config.tree import EnvRef, Node, Unknown
from diagnostics.clients.logging_config import trial_program
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell

LOGGER = "clearpay.payments"
"""Where the application speaks of payments."""
FILES = frozenset(
    {
        "logging.FileHandler",
        "logging.handlers.RotatingFileHandler",
        "logging.handlers.TimedRotatingFileHandler",
        "logging.handlers.WatchedFileHandler",
    }
)
HARMLESS = FILES | {"logging.StreamHandler", "logging.NullHandler"}
"""Handlers that reach nothing outside of the process and the folder."""
STREAMS = frozenset({"ext://sys.stdout", "ext://sys.stderr"})
STAND_IN = "logging.StreamHandler"
PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it."""

    error: str = ""
    """What `dictConfig` raised, empty where it took the dictionary."""
    heard: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By level, the handlers that a record on LOGGER reached."""
    silenced: bool = False
    """Whether a logger that was there before is silent afterwards."""
    broken: tuple[str, ...] = ()
    """Handlers whose format cannot be filled."""


def rehearse(config: Mapping[str, Any], deadline: Deadline) -> Rehearsal:
    """Configure a fresh interpreter with the dictionary. Raises CannotTell where that gives no answer."""
    with tempfile.TemporaryDirectory(prefix="clearpay-doctor-") as folder:
        asked = json.dumps({"config": safe(config, Path(folder))[0], "logger": LOGGER})
        command = [sys.executable, "-I", "-B", trial_program.__file__]
        try:
            done = subprocess.run(
                command,
                input=asked,
                capture_output=True,
                text=True,
                cwd=folder,
                env={},
                timeout=deadline.within(PATIENCE_S),
                check=False,
            )
            said = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            raise CannotTell(
                f"the rehearsal of the logging dictionary took more than {PATIENCE_S:g} s"
            ) from None
        except ValueError:
            raise CannotTell("the rehearsal of the logging dictionary gave no answer") from None
    if "error" in said:
        return Rehearsal(error=f"{said['error']} ({said['cause']})".replace(folder, "<folder>"))
    heard = {level: tuple(names) for level, names in said["heard"].items()}
    return Rehearsal(heard=heard, silenced=said["silenced"], broken=tuple(dict.fromkeys(said["broken"])))


def safe(config: Mapping[str, Any], folder: Path) -> tuple[dict[str, Any], list[str]]:
    """A copy that touches nothing but a folder, and the names of what was not rehearsed as it is."""
    replaced: list[str] = []
    config = _without_imports(config)
    made = dict(config)
    made["handlers"] = {
        name: _handler(name, held, folder / f"{number}.log", replaced)
        for number, (name, held) in enumerate(_tables(config, "handlers").items())
    }
    for kind, allowed in (("formatters", {"logging.Formatter"}), ("filters", {"logging.Filter"})):
        made[kind] = {
            name: _plain(f"{kind}.{name}", held, allowed, replaced)
            for name, held in _tables(config, kind).items()
        }
    return made, replaced


def _without_imports(value: Any) -> Any:
    """The same without `ext://`, which imports what it names wherever it stands."""
    if isinstance(value, dict):
        return {key: _without_imports(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_imports(one) for one in value]
    return "" if isinstance(value, str) and value.startswith("ext://") and value not in STREAMS else value


def _tables(config: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    held = config.get(key)
    return held if isinstance(held, dict) else {}


def _handler(name: str, held: Any, file: Path, replaced: list[str]) -> Any:
    if not isinstance(held, dict):
        return held
    kept = {key: value for key, value in held.items() if key in {"level", "formatter", "filters"}}
    stream = held.get("stream", "ext://sys.stderr")
    if held.get("class") not in HARMLESS or "()" in held or stream not in STREAMS:
        if "class" in held or "()" in held:
            replaced.append(f"handlers.{name}")
            return {**kept, "class": STAND_IN}
        return kept  # dictConfig says itself that the class is missing
    return {**held, "filename": str(file)} if "filename" in held else held


def _plain(name: str, held: Any, allowed: set[str], replaced: list[str]) -> Any:
    if not isinstance(held, dict) or ("()" not in held and held.get("class", next(iter(allowed))) in allowed):
        return held
    replaced.append(name)
    return {}


def plain(node: Node) -> Any:
    """A value without its lines; what the file does not tell becomes an empty text."""
    if isinstance(node.value, dict):
        return {key: plain(one) for key, one in node.value.items()}
    if isinstance(node.value, list):
        return [plain(one) for one in node.value]
    if isinstance(node.value, EnvRef):
        return node.value.default or ""
    return "" if isinstance(node.value, Unknown) else node.value
