"""Static rules over the application's Python code."""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from diagnostics.clients.source import ruff
from diagnostics.clients.source.files import MAX_FILES, PythonFiles, limited, python_files
from diagnostics.clients.source.fingerprints import Fingerprints
from diagnostics.clients.source.parallel import scan_files
from diagnostics.clients.source.rules import RULES, Rule
from diagnostics.clients.source.scan import FileResult, scan_file
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
WITHOUT_ENTRY = tuple(f"source.{rule.name}" for rule in RULES if not rule.entry)
"""Findings that no entry is about: they are explained by their message alone."""
SAFETY: Safety = "local"
BUDGET = 60.0
ALONE = False
SENDS = "Nothing: it parses Python files and runs none."

RESERVE_S = 0.5
"""Seconds kept for reporting the hits."""
MAX_SHOWN = 20
"""Reasons for files that were not read, each a line."""
NO_RUFF = "ruff is not installed (extra `source`): not looked for are blocking subprocesses in async code"
"""Flaws that our rules do not know. Files that this Python cannot parse are added to the sentence."""


def run(context: Context, /) -> None:
    """Apply every rule to every file; a hit supports a cause and does not confirm it."""
    files = _files(context)
    with context.step("read"):
        results = _results(context, files)
    results.sort(key=lambda result: result.path)
    with context.step("ruff"):
        found = [*_own_hits(results), *_linter_hits(context, files, results)]
    found.sort(key=lambda hit: (hit[0], hit[1]))
    _report(context, found)
    _report_files(context, files, results)


Found = tuple[Path, int, str, str, str, str]
"""Path, line, name of a rule, reason of an allow comment, remark, text of the line."""


def _files(context: Context) -> PythonFiles:
    """Return the files to read. Raises Skip if none is Python, CannotTell if the path cannot be read."""
    path = Path(context.endpoint.url)
    root = context.target.folder / path
    if context.endpoint.kind == "path" and root.is_file() and root.suffix != ".py":
        raise Skip(f"{path} is not a Python file")
    source = context.target.settings.source
    try:
        files = python_files(root, *((source.exclude, source.include) if source else ()))
    except OSError as error:
        raise CannotTell(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise CannotTell(f"source: exclude or include: {error}") from None
    if not files.paths and not files.skipped:
        left_out = f" besides {files.left_out} that are left out" if files.left_out else ""
        raise Skip(f"{path} holds no Python file{left_out}")
    return files


def _results(context: Context, files: PythonFiles) -> list[FileResult]:
    """Return the results of all files for which there is time."""
    root = context.target.folder / context.endpoint.url
    if root.is_file():
        return [scan_file(path, named=True) for path in files.paths]
    return list(scan_files(files.paths, lambda: context.deadline.left - RESERVE_S))


def _own_hits(results: Sequence[FileResult]) -> Iterator[Found]:
    for result in results:
        for name, line, allowed, remark, text in result.hits:
            yield result.path, line, name, allowed, remark, text


def _linter_hits(context: Context, files: PythonFiles, results: Sequence[FileResult]) -> Iterator[Found]:
    """Yield what ruff finds besides; without ruff, note what was not looked for."""
    unparsed = {result.path.absolute(): result.path for result in results if result.is_syntax}
    if not ruff.is_installed():
        also = f", and all flaws in {len(unparsed)} files that cannot be parsed" if unparsed else ""
        context.evidence("not_looked_for", NO_RUFF + also)
        return
    own = {(result.path.absolute(), line, name) for result in results for name, line, *_ in result.hits}
    paths = {path.absolute(): path for path in files.paths}
    try:
        for hit in ruff.linter_hits(list(paths), unparsed, max(1.0, context.deadline.left - RESERVE_S)):
            if (hit.path, hit.line, hit.rule) not in own:
                yield paths.get(hit.path, hit.path), hit.line, hit.rule, "", f"ruff {hit.code}", hit.code
    except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as error:
        context.evidence("not_looked_for", f"ruff did not answer: {type(error).__name__}")


def _report(context: Context, found: Sequence[Found]) -> None:
    """Record all hits, in the order of files and lines, and emit their findings."""
    rules: dict[str, Rule] = {rule.name: rule for rule in RULES}
    fingerprints = Fingerprints(context.target.folder / context.endpoint.url)
    hit_rules: set[str] = set()
    for path, line, name, allowed, remark, text in found:
        rule, place = rules[name], f"{path}:{line}"
        if allowed:
            context.evidence("allowed", place, note=f"{name}: {allowed}")
            continue
        message = f"{rule.message}: {rule.entry}" if rule.entry else rule.message
        note = "; ".join(filter(None, (message, remark)))
        fingerprint = fingerprints.of(name, path, text)
        if fingerprint in context.target.known_places:
            context.evidence("known", place, note=f"{name}: {note}", fingerprint=fingerprint)
            continue
        hit_rules.add(name)
        context.evidence(name, place, ok=False, note=note, fingerprint=fingerprint)
    for rule in RULES:
        if rule.name in hit_rules:
            context.finding(f"source.{rule.name}", "warn")


def _report_files(context: Context, files: PythonFiles, results: Sequence[FileResult]) -> None:
    """Record how many files were read, left out and not read; nothing read at all is unknown."""
    unread = [f"{result.path}: {result.reason}" for result in results if result.reason]
    reasons = [*unread, *files.skipped]
    context.evidence("files", len(results) - len(unread), note="Python files read; nothing was run")
    if files.left_out:
        context.evidence(
            "left_out", files.left_out, note="tests, examples, documentation, migrations and the like"
        )
    late = len(files.paths) - len(results)
    if late:
        _incomplete(context, f"no time for {late} of {len(files.paths)} files: --deadline gives more")
    if files.capped:
        _incomplete(context, f"more than {MAX_FILES} files: the rest was not read; name smaller folders")
    if not reasons:
        return
    for reason in reasons:
        context.evidence("not_read", reason)
    if len(unread) == len(results) and not late:
        for reason in limited(reasons, MAX_SHOWN):
            context.unknown(reason)
    else:
        context.remark(f"{len(reasons)} of {len(files.paths) + len(files.skipped)} files were not read")


def _incomplete(context: Context, reason: str) -> None:
    """Note files without time; without a finding the result is unknown, because a pass would cover them."""
    if context.codes:
        context.remark(reason)
    else:
        context.unknown(reason)
