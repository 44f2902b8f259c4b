"""Trial of a logging dictionary in a process of its own, with its files in a temporary folder.

`dictConfig` opens files and sockets, imports the objects that `ext://` and `()` name, and changes the logging
of the process. So it never runs in this process, and the copy that is tried names only the standard library.
Source: Python, "logging.config", Configuration dictionary schema.
"""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diagnostics.clients.config.tree import EnvRef, Node, Unknown
from diagnostics.clients.logging_config import trial_program
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell

LOGGER = "clearpay.payments"
"""Logger of the application's payments."""
FILES = frozenset(
    {
        "logging.FileHandler",
        "logging.handlers.RotatingFileHandler",
        "logging.handlers.TimedRotatingFileHandler",
        "logging.handlers.WatchedFileHandler",
    }
)
HARMLESS = FILES | {"logging.StreamHandler", "logging.NullHandler"}
"""Handlers without effect outside of the process and its folder."""
STREAMS = frozenset({"ext://sys.stdout", "ext://sys.stderr"})
REPLACEMENT = "logging.StreamHandler"
TRIAL_S = 5.0
MAX_TRIALS = 4
"""Trials that run at the same time."""
_slots = threading.BoundedSemaphore(MAX_TRIALS)


@dataclass(frozen=True, slots=True)
class TrialResult:
    """Result of a trial."""

    error: str = ""
    """Error that `dictConfig` raised; empty if it accepted the dictionary."""
    handlers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the handlers that a record on LOGGER reached, by its level."""
    silenced: bool = False
    """True if a logger that existed before the configuration is disabled."""
    format_errors: tuple[str, ...] = ()
    """Errors of handlers whose formatter cannot format a record."""


def run_trial(config: Mapping[str, Any], deadline: Deadline) -> TrialResult:
    """Configure a new interpreter with a harmless copy of the dictionary. Raises CannotTell."""
    with tempfile.TemporaryDirectory(prefix="clearpay-doctor-") as folder:
        request = json.dumps({"config": harmless_copy(config, Path(folder))[0], "logger": LOGGER})
        if not _slots.acquire(timeout=deadline.within(TRIAL_S)):
            raise CannotTell(f"{MAX_TRIALS} other trials of logging dictionaries are running")
        try:
            result = _run_program(request, Path(folder), deadline.within(TRIAL_S))
        finally:
            _slots.release()
    if "error" in result:
        return TrialResult(error=f"{result['error']} ({result['cause']})".replace(folder, "<folder>"))
    handlers = {level: tuple(names) for level, names in result["handlers"].items()}
    format_errors = tuple(dict.fromkeys(result["format_errors"]))
    return TrialResult(handlers=handlers, silenced=result["silenced"], format_errors=format_errors)


def _run_program(request: str, folder: Path, seconds: float) -> dict[str, Any]:
    """Run the program, which limits itself, and return its result. Raises CannotTell.

    The result goes to a file, because the limit of the size of files does not hold for a pipe.
    """
    command = [sys.executable, "-I", "-B", trial_program.__file__]
    path = folder / "result.json"
    try:
        with path.open("wb") as output:
            completed = subprocess.run(
                command,
                input=request.encode(),
                stdout=output,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env={},
                timeout=seconds,
                check=False,
            )
        result = json.loads(path.read_bytes())
    except subprocess.TimeoutExpired:
        raise CannotTell(f"the trial of the logging dictionary took more than {seconds:.1f} s") from None
    except (ValueError, RecursionError):
        code = completed.returncode
        end = f"signal {-code}" if code < 0 else f"exit code {code}"
        raise CannotTell(f"the trial of the logging dictionary gave no result and ended with {end}") from None
    if not isinstance(result, dict):
        raise CannotTell("the trial of the logging dictionary gave no result")
    return result


def harmless_copy(config: Mapping[str, Any], folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Return a copy that writes only below `folder`, and the names of the objects that it replaces."""
    replaced: list[str] = []
    config = _without_imports(config)
    copy = dict(config)
    copy["handlers"] = {
        name: _handler(name, settings, folder / f"{number}.log", replaced)
        for number, (name, settings) in enumerate(_tables(config, "handlers").items())
    }
    for kind, allowed in (("formatters", {"logging.Formatter"}), ("filters", {"logging.Filter"})):
        copy[kind] = {
            name: _standard_only(f"{kind}.{name}", settings, allowed, replaced)
            for name, settings in _tables(config, kind).items()
        }
    return copy, replaced


def _without_imports(value: Any) -> Any:
    """Return a value without `ext://` texts, which import the object that they name at any place."""
    if isinstance(value, dict):
        return {key: _without_imports(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_imports(item) for item in value]
    return "" if isinstance(value, str) and value.startswith("ext://") and value not in STREAMS else value


def _tables(config: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = config.get(key)
    return table if isinstance(table, dict) else {}


def _handler(name: str, settings: Any, file: Path, replaced: list[str]) -> Any:
    if not isinstance(settings, dict):
        return settings
    common = {key: value for key, value in settings.items() if key in {"level", "formatter", "filters"}}
    stream = settings.get("stream", "ext://sys.stderr")
    if settings.get("class") not in HARMLESS or "()" in settings or stream not in STREAMS:
        if "class" in settings or "()" in settings:
            replaced.append(f"handlers.{name}")
            return {**common, "class": REPLACEMENT}
        return common  # dictConfig reports that the class is missing
    return {**settings, "filename": str(file)} if "filename" in settings else settings


def _standard_only(name: str, settings: Any, allowed: set[str], replaced: list[str]) -> Any:
    if not isinstance(settings, dict):
        return settings
    if "()" not in settings and settings.get("class", next(iter(allowed))) in allowed:
        return settings
    replaced.append(name)
    return {}


def plain_value(node: Node) -> Any:
    """Return a value without its lines; an empty text for values that are not literals."""
    if isinstance(node.value, dict):
        return {key: plain_value(member) for key, member in node.value.items()}
    if isinstance(node.value, list):
        return [plain_value(item) for item in node.value]
    if isinstance(node.value, EnvRef):
        return node.value.default or ""
    return "" if isinstance(node.value, Unknown) else node.value
