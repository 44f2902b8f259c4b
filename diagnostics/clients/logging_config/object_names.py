"""Existence of the objects that a logging dictionary names, found without running code of the application.

`dictConfig` imports the classes of handlers and what `()` and `ext://` name; the application does not start
if one does not exist. Here, modules of the standard library without effects are imported, others are parsed.
"""

import ast
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from diagnostics.clients.logging_config.trial import HARMLESS

Existence = Literal["found", "missing", "unseen"]
"""`unseen`: no code that could show it is at hand."""
IMPORTABLE: Final = frozenset({"builtins", "io", "logging", "os", "queue", "socket", "sys", "time"})
"""Modules of the standard library whose import has no effect."""
SECTIONS: Final = ("handlers", "formatters", "filters")
OWN_KEYS: Final = frozenset({"class", "()", "level", "formatter", "filters", "."})
"""Keys of a handler that `dictConfig` reads itself; all others are arguments."""
UNTRIED: Final = HARMLESS | {"logging.handlers.QueueHandler"}
"""Handlers that the trial makes, and one that `dictConfig` gives a queue of its own."""
MAX_BYTES: Final = 1_000_000
EXT: Final = "ext://"


@dataclass(frozen=True, slots=True)
class NamedObject:
    """An object that a dictionary names."""

    place: str
    """Path within the dictionary, as `handlers.out.class`."""
    name: str
    """Its dotted name."""


def named_objects(config: Mapping[str, Any]) -> Iterator[NamedObject]:
    """Yield the objects that a dictionary names, in its order."""
    for section in SECTIONS:
        table = config.get(section)
        for name, settings in (table if isinstance(table, dict) else {}).items():
            for key in ("class", "()"):
                value = settings.get(key) if isinstance(settings, dict) else None
                if isinstance(value, str) and value and not value.startswith(EXT):
                    yield NamedObject(f"{section}.{name}.{key}", value)
    yield from _external(config, "")


def _external(value: Any, place: str) -> Iterator[NamedObject]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _external(item, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list):
        for item in value:
            yield from _external(item, place)
    elif isinstance(value, str) and value.startswith(EXT):
        yield NamedObject(place, value.removeprefix(EXT))


def existence(name: str, roots: Sequence[Path]) -> Existence:
    """Return whether an object exists: in the standard library, below `roots`, or in an installed package.

    `roots` are folders with the application's code.
    """
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        return "missing"
    if parts[0] in IMPORTABLE:
        return _in_importable(parts)
    if parts[0] in sys.stdlib_module_names:
        spec = importlib.util.find_spec(parts[0])
        origin = Path(spec.origin) if spec and spec.origin and spec.has_location else None
        return _in_folder(parts, _parent(origin)) if origin else "unseen"
    for root in roots:
        if (found := _in_folder(parts, root)) != "unseen":
            return found
    installed = (_in_folder(parts, Path(folder)) for folder in sys.path if folder)
    return "found" if "found" in installed else "unseen"


def argument_problem(settings: Mapping[str, Any]) -> str:
    """Return why a handler of the standard library that is not tried cannot be made; empty if it can."""
    name = settings.get("class")
    if not isinstance(name, str) or name in UNTRIED or "()" in settings:
        return ""
    module, _, attribute = name.rpartition(".")
    if module not in {"logging", "logging.handlers"}:
        return ""
    handler = getattr(importlib.import_module(module), attribute, None)
    if not inspect.isclass(handler):
        return ""
    arguments = {key: value for key, value in settings.items() if key not in OWN_KEYS and key.isidentifier()}
    try:
        inspect.signature(handler).bind(**arguments)
    except TypeError as error:
        return f"{attribute}: {error}"
    return ""


def _in_importable(parts: Sequence[str]) -> Existence:
    """Resolve a name as `dictConfig` does: an attribute, or else a module to import."""
    path, value = parts[0], importlib.import_module(parts[0])
    for part in parts[1:]:
        path += f".{part}"
        if not hasattr(value, part) and inspect.ismodule(value):
            try:
                importlib.import_module(path)
            except ImportError:
                return "missing"
        if not hasattr(value, part):
            return "missing"
        value = getattr(value, part)
    return "found"


def _parent(origin: Path) -> Path:
    return origin.parent.parent if origin.name == "__init__.py" else origin.parent


def _in_folder(parts: Sequence[str], folder: Path) -> Existence:
    """Follow packages from a folder to a module, and look for the name in it."""
    for number, part in enumerate(parts):
        package, module = folder / part / "__init__.py", folder / f"{part}.py"
        rest = parts[number + 1 :]
        if package.is_file():
            if not rest:
                return "found"
            found = _in_module(rest, package)
            if found == "found" or not _has_module(package.parent, rest[0]):
                return found
            folder = package.parent
        elif module.is_file():
            return _in_module(rest, module) if rest else "found"
        elif number == 0 or not _has_module(folder, part):
            return "unseen"  # also a folder without __init__.py: other folders may have parts of that package
    return "unseen"


def _has_module(folder: Path, name: str) -> bool:
    return (folder / name).is_dir() or any(folder.glob(f"{name}.*"))


def _in_module(rest: Sequence[str], path: Path) -> Existence:
    """Return whether a module binds the first name; attributes of it are not followed."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return "unseen"
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return "unseen"
    names = set(_bound(tree.body))
    if rest[0] in names:
        return "found"
    return "unseen" if names & {"*", "__getattr__", "__path__"} else "missing"


def _bound(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements bind at the top of a module, `*` for those of another one."""
    for statement in body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield statement.name
            case ast.Import() | ast.ImportFrom():
                for alias in statement.names:
                    yield alias.asname or alias.name.partition(".")[0]
            case _:
                yield from _assigned(statement)
        for block in ("body", "orelse", "finalbody"):
            if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from _bound(getattr(statement, block, ()))
        for handler in getattr(statement, "handlers", ()):
            yield from _bound(handler.body)


def _assigned(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"globals", "setattr"}
        ):
            yield "*"
