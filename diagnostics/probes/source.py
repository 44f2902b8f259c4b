"""Static rules over the application's Python code."""

from collections import Counter
from pathlib import Path

from diagnostics.clients.source.files import MAX_BYTES, MAX_FILES, PythonFiles, content, limited, python_files
from diagnostics.clients.source.module import NotPython
from diagnostics.clients.source.rules import RULES
from diagnostics.clients.source.scan import Hit, scan
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the code have patterns that lead to known errors?"
LAYER = "source"
APPLIES_TO: tuple[EndpointKind, ...] = ("source", "path")
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = tuple(f"source.{rule.name}" for rule in RULES)
SAFETY: Safety = "local"
BUDGET = 30.0
ALONE = False
SENDS = "Nothing: it parses Python files and runs none."

RESERVE_S = 0.5
"""Seconds kept for reporting the hits."""
MAX_SHOWN = 20
"""Hits of one rule, or reasons for skipped files, that are listed."""


def run(context: Context, /) -> None:
    """Apply every rule to every file; a hit supports a cause and does not confirm it."""
    files = _files(context)
    hits: list[tuple[str, Hit]] = []
    with context.step("read"):
        for number, path in enumerate(files.paths):
            if context.deadline.left < RESERVE_S:
                context.unknown(f"no time for {len(files.paths) - number} of {len(files.paths)} files")
                break
            hits += _hits(path, files)
    _report(context, hits)
    context.evidence("files", len(files.paths), note="Python files; nothing was run")
    if files.capped:
        context.unknown(f"more than {MAX_FILES} files: the rest was not read; name smaller folders")
    for reason in limited(files.skipped, MAX_SHOWN):
        context.unknown(reason)


def _files(context: Context) -> PythonFiles:
    """Return the files to read. Raises Skip if none is Python, CannotTell if the path cannot be read."""
    path = Path(context.endpoint.url)
    root = context.target.folder / path
    if context.endpoint.kind == "path" and root.is_file() and root.suffix != ".py":
        raise Skip(f"{path} is not a Python file")
    try:
        files = python_files(root)
    except OSError as error:
        raise CannotTell(f"{path}: {error.strerror}") from None
    if not files.paths and not files.skipped:
        raise Skip(f"{path} holds no Python file")
    return files


def _hits(path: Path, files: PythonFiles) -> list[tuple[str, Hit]]:
    try:
        source = content(path)
        if len(source) > MAX_BYTES:
            files.skipped.append(f"{path}: it grew while it was read")
            return []
        return [(f"{path}:{hit.line}", hit) for hit in scan(source)]
    except OSError as error:
        files.skipped.append(f"{path}: {error.strerror}")
    except NotPython as error:
        files.skipped.append(f"{path}: cannot be parsed: {error}")
    return []


def _report(context: Context, hits: list[tuple[str, Hit]]) -> None:
    """Show the hits, up to MAX_SHOWN of each rule, and emit their findings."""
    counts: Counter[str] = Counter()
    for place, hit in hits:
        if hit.allowed:
            context.evidence("allowed", place, note=f"{hit.rule.name}: {hit.allowed}")
            continue
        rule = hit.rule
        counts[rule.name] += 1
        if counts[rule.name] <= MAX_SHOWN:
            note = "; ".join(filter(None, (f"{rule.message}: {rule.entry}", hit.remark)))
            context.evidence(rule.name, place, ok=False, note=note)
    for rule in RULES:
        if counts[rule.name] > MAX_SHOWN:
            context.evidence(rule.name, f"and {counts[rule.name] - MAX_SHOWN} more places")
        if counts[rule.name]:
            context.finding(f"source.{rule.name}", "warn")
