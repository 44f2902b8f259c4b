"""Does the code do what leads to a known error?"""

from collections import Counter
from pathlib import Path

from diagnostics.clients.source.files import MOST_BYTES, MOST_FILES, Found, content, first, python_files
from diagnostics.clients.source.module import NotPython
from diagnostics.clients.source.rules import RULES
from diagnostics.clients.source.scan import Hit, scan
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the code do what leads to a known error?"
LAYER = "source"
APPLIES_TO: tuple[EndpointKind, ...] = ("source", "path")
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = tuple(f"source.{rule.name}" for rule in RULES)
SAFETY: Safety = "local"
BUDGET = 30.0
ALONE = False
SENDS = "Nothing: it reads Python files and runs none."

RESERVE_S = 0.5
"""Seconds kept for saying what was found."""
MOST_SHOWN = 20
"""Places of one rule, or reasons of one kind, that are listed."""


def run(context: Context, /) -> None:
    """Read every file by every rule. A hit is a suspicion: it is said where, and never confirms."""
    found = _files(context)
    hits: list[tuple[str, Hit]] = []
    with context.step("read"):
        for number, path in enumerate(found.paths):
            if context.deadline.left < RESERVE_S:
                context.unknown(f"no time for {len(found.paths) - number} of {len(found.paths)} files")
                break
            hits += _hits(path, found)
    _say(context, hits)
    context.evidence("files", len(found.paths), note="Python files; nothing was run")
    if found.capped:
        context.unknown(f"more than {MOST_FILES} files: the rest was not read; name smaller folders")
    for reason in first(found.left_out, MOST_SHOWN):
        context.unknown(reason)


def _files(context: Context) -> Found:
    """What to read. Raises Skip where that is no Python, CannotTell where it cannot be read."""
    given = Path(context.endpoint.url)
    root = context.target.folder / given
    if context.endpoint.kind == "path" and root.is_file() and root.suffix != ".py":
        raise Skip(f"{given} is no Python file")
    try:
        found = python_files(root)
    except OSError as error:
        raise CannotTell(f"{given}: {error.strerror}") from None
    if not found.paths and not found.left_out:
        raise Skip(f"{given} holds no Python file")
    return found


def _hits(path: Path, found: Found) -> list[tuple[str, Hit]]:
    try:
        source = content(path)
        if len(source) > MOST_BYTES:
            found.left_out.append(f"{path}: it grew while it was read")
            return []
        return [(f"{path}:{hit.line}", hit) for hit in scan(source)]
    except OSError as error:
        found.left_out.append(f"{path}: {error.strerror}")
    except NotPython as error:
        found.left_out.append(f"{path}: cannot be parsed: {error}")
    return []


def _say(context: Context, hits: list[tuple[str, Hit]]) -> None:
    shown: Counter[str] = Counter()
    for place, hit in hits:
        if hit.allowed:
            context.evidence("allowed", place, note=f"{hit.rule.name}: {hit.allowed}")
            continue
        rule = hit.rule
        shown[rule.name] += 1
        if shown[rule.name] <= MOST_SHOWN:
            note = "; ".join(filter(None, (f"{rule.says}: {rule.entry}", hit.remark)))
            context.evidence(rule.name, place, ok=False, note=note)
    for rule in RULES:
        if shown[rule.name] > MOST_SHOWN:
            context.evidence(rule.name, f"and {shown[rule.name] - MOST_SHOWN} more places")
        if shown[rule.name]:
            context.finding(f"source.{rule.name}", "warn")
