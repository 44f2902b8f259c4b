"""Inputs of a scan: files, folders, globs, URLs and standard input, rotated files in their order."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path
from typing import Final

from diagnostics.errors import UnreadableInput, printable

STDIN: Final = "-"
_MAX_LABEL_PARTS: Final = 6
_ARCHIVES: Final = (".gz", ".zst", ".bz2", ".xz")
_NUMBER: Final = re.compile(r"\.(\d{1,5})$")
_DATE: Final = re.compile(r"[-._](\d{4}-?\d\d-?\d\d(?:[-._T]?\d{2,6})?)(?=\.|$)")
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_NO_LOGS: Final = frozenset((
    ".py", ".pyc", ".so", ".js", ".css", ".html", ".png", ".jpg", ".pdf", ".zip", ".tar", ".tgz", ".db",
    ".sqlite", ".toml", ".yaml", ".yml", ".journal",
))  # fmt: skip
"""Endings of files that a folder may have beside logs; a file named by itself is read whatever its ending."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file, URL or standard input."""

    name: str
    """Path or URL as given; `-` for standard input."""
    size: int | None = None
    """Bytes as stored, if known."""
    label: str = ""
    """Name for reports: the shortest end of its path that no other input has; no credentials of a URL."""

    @property
    def source(self) -> str:
        """Source of records that name none: the label without `.log` and the endings of a rotation."""
        return _rotation_key(self.label)[0].removesuffix(".log") or self.label


@dataclass(frozen=True, slots=True)
class NotRead:
    """Part of the input that was not read, and the reason."""

    name: str
    reason: str
    read: int = 0
    """Bytes that were read before, decompressed."""


def is_url(name: str) -> bool:
    """Return True for a URL: `s3://bucket/logs/app.log.gz`."""
    return _URL.match(name) is not None


def inputs_of(names: Sequence[str]) -> tuple[list[Input], list[NotRead]]:
    """Return the inputs that names stand for, older files of a rotation first, and the names without any."""
    inputs: dict[str, Input] = {}
    missing: list[NotRead] = []
    for name in names:
        try:
            found = list(_expanded(name))
        except (OSError, UnreadableInput) as error:
            missing.append(NotRead(printable(name), _reason(error)))
            continue
        inputs.update((item.name, item) for item in found)
        if not found:
            missing.append(NotRead(printable(name), "there is no log file in it"))
    return _labelled(in_rotation_order(inputs.values())), missing


def in_rotation_order(inputs: Iterable[Input]) -> list[Input]:
    """Order inputs by base name, each rotation from its oldest file: app.log.2.gz, app.log.1, app.log."""
    return sorted(inputs, key=lambda item: _rotation_key(item.name))


def _labelled(inputs: Sequence[Input]) -> list[Input]:
    """Return the inputs with their labels."""
    for parts in range(1, _MAX_LABEL_PARTS):
        labels = [_label(item.name, parts) for item in inputs]
        if len(set(labels)) == len(labels):
            break
    return [replace(item, label=label) for item, label in zip(inputs, labels, strict=True)]


def _label(name: str, parts: int) -> str:
    if name == STDIN:
        return "standard input"
    return printable("/".join(name.rstrip("/").split("/")[-parts:]) or name)


def _expanded(name: str) -> Iterator[Input]:
    if name == STDIN:
        yield Input(STDIN)
    elif is_url(name):
        yield from _expanded_url(name)
    elif has_magic(name) and not Path(name).exists():
        for match in sorted(glob(name, recursive=True)):  # noqa: PTH207  absolute patterns, which Path refuses
            if Path(match).is_file():
                yield Input(match, Path(match).stat().st_size)
    elif Path(name).is_dir():
        for path in sorted(Path(name).rglob("*")):
            if path.is_file() and _is_log(path, Path(name)):
                yield Input(str(path), path.stat().st_size)
    else:
        state = Path(name).stat()
        yield Input(name, state.st_size if Path(name).is_file() else None)


def _is_log(path: Path, folder: Path) -> bool:
    inside = path.relative_to(folder)
    return path.suffix.lower() not in _NO_LOGS and not any(part.startswith(".") for part in inside.parts)


def _expanded_url(name: str) -> Iterator[Input]:
    try:
        import fsspec  # noqa: PLC0415  the extra `remote`
    except ImportError:
        raise UnreadableInput("URLs need the extra: pip install 'clearpay-doctor[remote]'") from None
    try:
        files, paths = fsspec.core.url_to_fs(name)
        found = files.glob(paths) if has_magic(paths) else files.find(paths) or [paths]
        for path in found:
            yield Input(str(files.unstrip_protocol(path)), files.size(path))
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        raise UnreadableInput(_reason(error)) from None


def _rotation_key(name: str) -> tuple[str, int, str, int]:
    """Return base name, and the age of a file in its rotation: dated and high-numbered files are older."""
    stem = name
    for ending in _ARCHIVES:
        stem = stem.removesuffix(ending)
    if number := _NUMBER.search(stem):
        return stem[: number.start()], 1, "", -int(number[1])
    if date := _DATE.search(stem):
        return stem[: date.start()] + stem[date.end() :], 0, date[1], 0
    return stem, 2, "", 0


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return printable(text).replace("No such file or directory", "does not exist")
