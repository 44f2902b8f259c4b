"""Problems in a configuration file, each with its line and the value to write instead."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics.clients.config.file import ConfigFile
from diagnostics.clients.config.tree import Duplicate, EnvRef, Node, Unknown
from diagnostics.engine.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """Breach of one rule at one key."""

    code: str
    """Finding that it raises."""
    key: str
    line: int
    message: str
    """Description of the value, without secrets."""
    advice: str
    """Value to write instead."""
    note: str = ""
    warn: bool = False
    """True if the finding is of level `warn`, which supports a cause and does not confirm it."""


def report_problems(context: Context, file: ConfigFile, problems: Iterable[ConfigProblem]) -> None:
    """Show every problem and every repeated key with its line, and emit each finding once."""
    found = False
    for problem in problems:
        found = True
        name = f"{file.name}:{problem.line} {file.own_name(problem.key)}"
        note = "; ".join(filter(None, (f"write: {problem.advice}", problem.note)))
        if node := file.section.table.get(problem.key):
            note = "; ".join(filter(None, (note, f"from {node.origin}" if node.origin else "")))
        context.evidence(name, problem.message, ok=False, note=note)
        if problem.code not in context.codes:
            context.finding(problem.code, "warn" if problem.warn else "fail")
    for duplicate in _duplicates(file):
        name = f"{file.name}:{duplicate.second} {duplicate.key}"
        note = f"also on line {duplicate.first}: the earlier value is lost"
        context.evidence(name, "is there twice", ok=False, note=note)
    if not found:
        context.evidence(file.name, "no problem found", ok=True)


def _duplicates(file: ConfigFile) -> Iterator[Duplicate]:
    """Yield the repeated keys of the table, and of the tables in it."""
    table = file.section.table
    own = {file.own_name(key) for key in table}
    inner = {key for node in table.values() if isinstance(node.value, dict) for key in node.value}
    yield from (duplicate for duplicate in file.document.duplicates if duplicate.key in own | inner)


def report_unseen(context: Context, file: ConfigFile, keys: Iterable[str]) -> None:
    """Leave the question open for values that the file does not state: those of variables and expressions."""
    for key in keys:
        node = file.section.table.get(key)
        if node is None or not (hidden := _hidden_value(node)):
            continue
        name = file.own_name(key)
        context.evidence(f"{file.name}:{node.line} {name}", "not visible", note=hidden)
        context.unknown(f"{file.name}:{node.line} {name} is {hidden}: its value is not visible in the file")


def _hidden_value(node: Node) -> str:
    """Return a description of the first part of a value that is not a literal; empty if all are."""
    if isinstance(node.value, EnvRef):
        return f"${node.value.name} of the application's environment" if node.value.name else "set elsewhere"
    if isinstance(node.value, Unknown):
        return node.value.kind
    parts: Iterable[Node] = ()
    if isinstance(node.value, dict):
        parts = node.value.values()
    elif isinstance(node.value, list):
        parts = node.value
    return next(filter(None, map(_hidden_value, parts)), "")
