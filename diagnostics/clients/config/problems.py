"""Problems in a configuration file, each with its line and the value to write instead."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from diagnostics.clients.config.file import ConfigFile
from diagnostics.clients.config.tree import EnvRef, Node, Unknown
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
    codes: set[str] = set()
    for problem in problems:
        name = f"{file.name}:{problem.line} {file.own_name(problem.key)}"
        note = "; ".join(filter(None, (f"write: {problem.advice}", problem.note)))
        context.evidence(name, problem.message, ok=False, note=note)
        if problem.code not in codes:
            context.finding(problem.code, "warn" if problem.warn else "fail")
        codes.add(problem.code)
    for duplicate in file.document.duplicates:
        name = f"{file.name}:{duplicate.second} {duplicate.key}"
        note = f"also on line {duplicate.first}: the earlier value is lost"
        context.evidence(name, "is there twice", ok=False, note=note)
    if not codes:
        context.evidence(file.name, "no problem found", ok=True)


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
        return f"${node.value.name} of the application's environment"
    if isinstance(node.value, Unknown):
        return node.value.kind
    parts: Iterable[Node] = ()
    if isinstance(node.value, dict):
        parts = node.value.values()
    elif isinstance(node.value, list):
        parts = node.value
    return next(filter(None, map(_hidden_value, parts)), "")


_PLACEHOLDER = re.compile(
    r"x{6,}|\*{3,}|\.{3,}|your[_-]|change[_-]?me|replace[_-]?me|<[^>]*>|\$\{?\w+\}?$|12345678|example|placeholder|"
    r"todo|dummy|insert[_-]",
    re.IGNORECASE,
)


def is_placeholder(value: str) -> bool:
    """Return True if a value looks like the placeholder of an example."""
    return bool(_PLACEHOLDER.search(value))
