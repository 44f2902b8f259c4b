"""Will the logging configuration work, does every payment leave a trace, and does no secret?"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from diagnostics.clients.config.file import ConfigFile, config_file, in_source
from diagnostics.clients.config.problems import ConfigProblem, report_problems
from diagnostics.clients.config.tree import Node
from diagnostics.clients.logging_config.leak_scan import MAX_BYTES, Leaks, scan
from diagnostics.clients.logging_config.trial import LOGGER, Rehearsal, plain, rehearse, safe
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell
from diagnostics.targets.target import EndpointKind

QUESTION = "Will the logging configuration work, does every payment leave a trace, and does no secret?"
LAYER = "config"
APPLIES_TO: tuple[EndpointKind, ...] = ("logging file", "path")
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = (
    "logs.import_missing",
    "logs.folder_missing",
    "logs.not_writable",
    "logs.invalid",
    "logs.no_handler",
    "logs.level_hides",
    "logs.silenced",
    "logs.secrets",
    "logs.card_numbers",
    "logs.no_time_zone",
    "logs.shared_file",
)
SAFETY: Safety = "local"
BUDGET = 15.0
ALONE = False
SENDS = "Nothing; it reads the files and tries the dictionary in a process of its own, in a temporary folder."

ROTATING = frozenset({"logging.handlers.RotatingFileHandler", "logging.handlers.TimedRotatingFileHandler"})


def run(context: Context, /) -> None:
    """Read the dictionary, rehearse it, look at its folders and at the end of its logs."""
    _ask_for_a_dictionary(context)
    file = config_file(context, "logging")
    config = plain(Node(file.section.table, file.section.line))
    if replaced := safe(config, Path())[1]:
        note = "classes that open connections or are not of logging are not made"
        context.evidence("not rehearsed", ", ".join(replaced), note=note)
    with context.step("rehearse"):
        rehearsal = rehearse(config, context.deadline)
    found = [*_of_imports(file), *_of_files(file), *_of_rehearsal(file, rehearsal), *_of_times(file)]
    found += _of_workers(file, context)
    with context.step("scan"):
        found += [one for path, node in _log_files(file) for one in _of_content(context, path, node)]
    report_problems(context, file, found)


def _ask_for_a_dictionary(context: Context) -> None:
    """Raise CannotTell for an environment file, of which Python's logging reads nothing."""
    if context.endpoint.kind == "logging file" and not in_source(Path(context.endpoint.url)):
        raise CannotTell(
            f"{Path(context.endpoint.name).name}: an environment file has no dictionary for logging.config, "
            "and what LOG_LEVEL in it does, the code that reads it decides; name the file with the dictionary"
        )


def _of_imports(file: ConfigFile) -> Iterator[ConfigProblem]:
    """`import logging` alone does not import its submodules (Python, "The import system", 5.4.2)."""
    line = file.document.uses.get("logging.config")
    imported = {name for name in file.document.imports if name.startswith("logging.config")}
    if line and not imported:
        what = "logging.config is used, and only logging is imported"
        yield ConfigProblem(
            code="logs.import_missing",
            key="logging.config",
            line=line,
            what=what,
            write="import logging.config",
        )


def _log_files(file: ConfigFile) -> Iterator[tuple[Path, Node]]:
    """Where the handlers write, relative paths beside nothing: they depend on where the program starts."""
    for handler in _entries(file, "handlers"):
        name = handler.get("filename")
        if name and isinstance(name.value, str) and name.value.startswith("/"):
            yield Path(name.value), name


def _of_files(file: ConfigFile) -> Iterator[ConfigProblem]:
    for path, node in _log_files(file):
        if not path.parent.is_dir():
            what, write = (
                f"{path.parent} does not exist, so nothing is logged at all",
                f"create {path.parent}",
            )
            yield _complaint("folder_missing", "filename", node.line, what, write)
        elif problem := _not_writable(path):
            yield _complaint(
                "not_writable", "filename", node.line, problem, "a file that the application may write"
            )


def _not_writable(path: Path) -> str:
    """Why a log cannot be opened; by the rights of whoever runs the doctor, so only a certain no counts."""
    if path.is_dir():
        return f"{path} is a folder, not a file"
    if path.exists():
        mode = path.stat().st_mode
        return (
            "" if mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) else f"{path} may be written by nobody"
        )
    mode = path.parent.stat().st_mode
    writable = mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) and _mounted_writable(path.parent)
    return "" if writable else f"{path.parent} may be written by nobody"


def _mounted_writable(folder: Path) -> bool:
    return not os.statvfs(folder).f_flag & os.ST_RDONLY


def _of_rehearsal(file: ConfigFile, rehearsal: Rehearsal) -> Iterator[ConfigProblem]:
    line, name = file.section.line, file.section.name or "the dictionary"
    if rehearsal.error or rehearsal.broken:
        what = rehearsal.error or "; ".join(rehearsal.broken)
        yield _complaint("invalid", name, line, what, "what the schema of logging.config asks for")
        return
    if not rehearsal.heard["ERROR"]:
        what = f"an error on {LOGGER} reaches no handler"
        yield _complaint("no_handler", name, line, what, "handlers for the logger clearpay, or for root")
    elif not rehearsal.heard["INFO"]:
        what = f"errors on {LOGGER} reach {', '.join(rehearsal.heard['ERROR'])}; INFO reaches nobody"
        write = "level INFO for the logger and for a handler, so that a payment leaves a trace"
        yield _complaint("level_hides", name, line, what, write)
    if rehearsal.silenced:
        node = file.section.table.get("disable_existing_loggers")
        what = "loggers that were made before, as modules make them at import, are switched off"
        yield _complaint(
            "silenced",
            "disable_existing_loggers",
            node.line if node else line,
            what,
            "False; it is True if not said",
        )


def _of_times(file: ConfigFile) -> Iterator[ConfigProblem]:
    for formatter in _entries(file, "formatters"):
        text, dates = formatter.get("format"), formatter.get("datefmt")
        if text is None or not isinstance(text.value, str) or "%(asctime)" not in text.value:
            continue
        if dates is None or not any(zone in str(dates.value) for zone in ("%z", "%Z", "Z")):
            line = (dates or text).line
            what, write = "times have no time zone", "datefmt '%Y-%m-%dT%H:%M:%S%z'"
            yield _complaint("no_time_zone", "datefmt", line, what, write, warn=True)


def _of_workers(file: ConfigFile, context: Context) -> Iterator[ConfigProblem]:
    pool = context.target.settings.pool
    if pool is None or pool.processes == 1:
        return
    for handler in _entries(file, "handlers"):
        kind = handler.get("class")
        if kind and kind.value in ROTATING:
            what = f"{pool.processes} processes rotate one file, and each loses what the others write"
            write = "a QueueListener in one process, WatchedFileHandler with logrotate, or standard output"
            yield _complaint("shared_file", "class", kind.line, what, write, warn=True)


def _of_content(context: Context, path: Path, node: Node) -> Iterator[ConfigProblem]:
    if not path.is_file():
        return
    leaks = scan(path, context.deadline)
    note = f"the last {MAX_BYTES // 1_000_000} MB; nothing of it is shown"
    context.evidence(f"{path.name} scanned", leaks.lines, unit="lines", note=note)
    if leaks.maybe_cards:
        note = "digits of a card's form, but nothing on the line says that they are one"
        context.evidence(f"{path.name}: perhaps card numbers", leaks.maybe_cards, unit="lines", note=note)
    where = f"the last is line {leaks.lines - leaks.last + 1} of the {leaks.lines} scanned"
    if leaks.cards:
        what = f"{path.name}, lines with card numbers: {leaks.cards}; {where}"
        yield _complaint("card_numbers", "filename", node.line, what, "the last four digits at most")
    if leaks.secrets:
        what = f"{path.name}, lines with secrets: {_kinds(leaks)}; {where}"
        yield _complaint("secrets", "filename", node.line, what, "a filter that masks; replace what leaked")


def _kinds(leaks: Leaks) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in sorted(leaks.secrets.items()))


def _entries(file: ConfigFile, key: str) -> Iterator[dict[str, Node]]:
    node = file.section.table.get(key)
    for one in (node.value if node and isinstance(node.value, dict) else {}).values():
        if isinstance(one.value, dict):
            yield one.value


def _complaint(code: str, key: str, line: int, what: str, write: str, *, warn: bool = False) -> ConfigProblem:
    return ConfigProblem(code=f"logs.{code}", key=key, line=line, what=what, write=write, warn=warn)
