"""Trial of the logging configuration, and a search of its logs for secrets."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from diagnostics.clients.config.file import ConfigFile, config_file, in_version_control
from diagnostics.clients.config.problems import ConfigProblem, report_problems
from diagnostics.clients.config.tree import Node
from diagnostics.clients.logging_config.leak_scan import MAX_BYTES, Leaks, scan_log
from diagnostics.clients.logging_config.object_names import argument_problem, existence, named_objects
from diagnostics.clients.logging_config.trial import (
    LOGGER,
    TrialResult,
    harmless_copy,
    plain_value,
    run_trial,
)
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the logging configuration work, are payments logged, and are the logs free of secrets?"
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
SENDS = "Nothing; it reads the files and tries the dictionary in a separate process and a temporary folder."

MAX_UNSEEN = 3
"""Names of unseen objects that a reason lists."""
MAX_ABOVE = 4
"""Folders above the file that may have the application's packages."""
ROTATING = frozenset({"logging.handlers.RotatingFileHandler", "logging.handlers.TimedRotatingFileHandler"})


def run(context: Context, /) -> None:
    """Read the dictionary, try it, and check its folders and the end of its logs."""
    _refuse_environment_file(context)
    file = config_file(context, "logging")
    config = plain_value(Node(file.section.table, file.section.line))
    if replaced := harmless_copy(config, Path())[1]:
        note = "classes that open connections or are not part of logging are not instantiated"
        context.evidence("not rehearsed", ", ".join(replaced), note=note)
    missing = _missing_objects(context, file, config)
    with context.step("rehearse"):
        result = run_trial(config, context.deadline)
    trial = missing or [*_of_trial(file, result)]
    problems = [*_of_imports(file), *_of_files(file), *trial, *_of_times(file)]
    problems += _of_workers(file, context)
    with context.step("scan"):
        for path, node in _log_files(file):
            problems += _of_content(context, path, node)
    report_problems(context, file, problems)


def _refuse_environment_file(context: Context) -> None:
    """Raise CannotTell for an environment file, which Python's logging does not read."""
    if context.endpoint.kind == "logging file" and not in_version_control(Path(context.endpoint.url)):
        raise CannotTell(
            f"{Path(context.endpoint.name).name}: an environment file has no dictionary for logging.config, "
            "and the effect of LOG_LEVEL depends on the code that reads it; name the file with the dictionary"
        )


def _of_imports(file: ConfigFile) -> Iterator[ConfigProblem]:
    """Yield a problem if logging.config is used and not imported (Python, "The import system", 5.4.2)."""
    line = file.document.uses.get("logging.config")
    imported = {name for name in file.document.imports if name.startswith("logging.config")}
    if line and not imported:
        message = "logging.config is used, but only logging is imported"
        yield ConfigProblem(
            code="logs.import_missing",
            key="logging.config",
            line=line,
            message=message,
            advice="import logging.config",
        )


def _missing_objects(context: Context, file: ConfigFile, config: Mapping[str, Any]) -> list[ConfigProblem]:
    """Return a problem for what the dictionary names and does not exist, or cannot be made.

    What cannot be seen from here leaves the question open: the application may not start.
    """
    roots = _code_folders(context, file)
    problems: list[ConfigProblem] = []
    unseen: list[str] = []
    for named in named_objects(config):
        found = existence(named.name, roots)
        if found == "missing":
            message = (
                f"{named.place} names {named.name}, which does not exist: the application does not start"
            )
            problems.append(_invalid(file, named.place, message))
        elif found == "unseen":
            unseen.append(f"{named.name} ({named.place})")
    handlers = config.get("handlers")
    for name, settings in (handlers if isinstance(handlers, dict) else {}).items():
        if isinstance(settings, dict) and (problem := argument_problem(settings)):
            problems.append(_invalid(file, f"handlers.{name}", f"handlers.{name} cannot be made: {problem}"))
    if unseen and not problems:
        context.unknown(
            f"not found from here: {', '.join(unseen[:MAX_UNSEEN])}; if it does not exist, the application "
            "does not start: run the check where its code is, or name the code in [target.NAME.source]"
        )
    return problems


def _code_folders(context: Context, file: ConfigFile) -> list[Path]:
    """Return the folders that may have the application's packages, the nearest first."""
    source = context.target.settings.source
    named = [context.target.folder / path for path in (source.paths if source else ())]
    own = file.path.resolve().parent
    above = [own, *own.parents][:MAX_ABOVE]
    folders = [*named, *(path.parent for path in named), *above, *(folder / "src" for folder in above)]
    return list(dict.fromkeys(folder for folder in folders if folder != Path("/")))


def _invalid(file: ConfigFile, place: str, message: str) -> ConfigProblem:
    """Return the problem at a place of the dictionary, with the line of the deepest part that has one."""
    table, line = file.section.table, file.section.line
    for part in place.split("."):
        node = table.get(part)
        if node is None:
            break
        line = node.line
        table = node.value if isinstance(node.value, dict) else {}
    return _problem("invalid", place, line, message, "a dictionary in the schema of logging.config")


def _log_files(file: ConfigFile) -> Iterator[tuple[Path, Node]]:
    """Yield the files of the handlers; relative paths are left out, as they depend on the working folder."""
    for handler in _entries(file, "handlers"):
        name = handler.get("filename")
        if name and isinstance(name.value, str) and name.value.startswith("/"):
            yield Path(name.value), name


def _of_files(file: ConfigFile) -> Iterator[ConfigProblem]:
    for path, node in _log_files(file):
        if not path.parent.is_dir():
            message, advice = (
                f"{path.parent} does not exist, so nothing is logged at all",
                f"create {path.parent}",
            )
            yield _problem("folder_missing", "filename", node.line, message, advice)
        elif problem := _not_writable(path):
            yield _problem(
                "not_writable", "filename", node.line, problem, "a file that the application may write"
            )


def _not_writable(path: Path) -> str:
    """Return the reason why nobody can write a log, else an empty text.

    The doctor may run as another user than the application, so only permissions of nobody count.
    """
    if path.is_dir():
        return f"{path} is a folder, not a file"
    if path.exists():
        mode = path.stat().st_mode
        return (
            ""
            if mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
            else f"{path} is not writable for anybody"
        )
    mode = path.parent.stat().st_mode
    writable = mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) and _mounted_writable(path.parent)
    return "" if writable else f"{path.parent} is not writable for anybody"


def _mounted_writable(folder: Path) -> bool:
    return not os.statvfs(folder).f_flag & os.ST_RDONLY


def _of_trial(file: ConfigFile, result: TrialResult) -> Iterator[ConfigProblem]:
    line, name = file.section.line, file.section.name or "the dictionary"
    if result.error or result.format_errors:
        message = result.error or "; ".join(result.format_errors)
        yield _problem("invalid", name, line, message, "a dictionary in the schema of logging.config")
        return
    if not result.handlers["ERROR"]:
        message = f"an error on {LOGGER} reaches no handler"
        yield _problem("no_handler", name, line, message, "handlers for the logger clearpay, or for root")
    elif not result.handlers["INFO"]:
        message = f"errors on {LOGGER} reach {', '.join(result.handlers['ERROR'])}; INFO reaches no handler"
        advice = "level INFO for the logger and for a handler, so that payments are logged"
        yield _problem("level_hides", name, line, message, advice)
    if result.silenced:
        node = file.section.table.get("disable_existing_loggers")
        message = "loggers that exist before, as those that modules create at import, are disabled"
        yield _problem(
            "silenced",
            "disable_existing_loggers",
            node.line if node else line,
            message,
            "False; the default is True",
        )


def _of_times(file: ConfigFile) -> Iterator[ConfigProblem]:
    for formatter in _entries(file, "formatters"):
        text, dates = formatter.get("format"), formatter.get("datefmt")
        if text is None or not isinstance(text.value, str) or "%(asctime)" not in text.value:
            continue
        if dates is None or not any(zone in str(dates.value) for zone in ("%z", "%Z", "Z")):
            line = (dates or text).line
            message, advice = "times have no time zone", "datefmt '%Y-%m-%dT%H:%M:%S%z'"
            yield _problem("no_time_zone", "datefmt", line, message, advice, warn=True)


def _of_workers(file: ConfigFile, context: Context) -> Iterator[ConfigProblem]:
    pool = context.target.settings.pool
    if pool is None or pool.processes == 1:
        return
    for handler in _entries(file, "handlers"):
        kind = handler.get("class")
        if kind and kind.value in ROTATING:
            message = f"{pool.processes} processes rotate one file, and each loses records of the others"
            advice = "a QueueListener in one process, WatchedFileHandler with logrotate, or standard output"
            yield _problem("shared_file", "class", kind.line, message, advice, warn=True)


def _of_content(context: Context, path: Path, node: Node) -> Iterator[ConfigProblem]:
    if not path.is_file():
        return
    leaks = scan_log(path, context.deadline)
    note = f"the last {MAX_BYTES // 1_000_000} MB; its content is not shown"
    context.evidence(f"{path.name} scanned", leaks.lines, unit="lines", note=note)
    if leaks.maybe_cards:
        note = "digits in the form of a card number, and no other sign of one on the line"
        context.evidence(f"{path.name}: perhaps card numbers", leaks.maybe_cards, unit="lines", note=note)
    where = f"the last is line {leaks.lines - leaks.last + 1} of the {leaks.lines} scanned"
    if leaks.cards:
        message = f"{path.name}, lines with card numbers: {leaks.cards}; {where}"
        yield _problem("card_numbers", "filename", node.line, message, "the last four digits at most")
    if leaks.secrets:
        message = f"{path.name}, lines with secrets: {_kinds(leaks)}; {where}"
        yield _problem(
            "secrets", "filename", node.line, message, "a filter that masks them; replace the leaked secrets"
        )


def _kinds(leaks: Leaks) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in sorted(leaks.secrets.items()))


def _entries(file: ConfigFile, key: str) -> Iterator[dict[str, Node]]:
    node = file.section.table.get(key)
    for entry in (node.value if node and isinstance(node.value, dict) else {}).values():
        if isinstance(entry.value, dict):
            yield entry.value


def _problem(
    code: str, key: str, line: int, message: str, advice: str, *, warn: bool = False
) -> ConfigProblem:
    return ConfigProblem(code=f"logs.{code}", key=key, line=line, message=message, advice=advice, warn=warn)
