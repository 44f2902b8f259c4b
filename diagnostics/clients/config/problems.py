"""What is wrong in a configuration file: where, what, and what to write instead."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from diagnostics.clients.config.file import ConfigFile
from diagnostics.engine.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """One breach of one rule."""

    code: str
    key: str
    line: int
    what: str
    """What is there, without any secret."""
    write: str
    """What to write instead."""
    note: str = ""
    warn: bool = False
    """Whether it raises suspicion and confirms nothing."""


def report_problems(context: Context, file: ConfigFile, complaints: Iterable[ConfigProblem]) -> None:
    """Say every breach as evidence with its place, and each finding once."""
    said: set[str] = set()
    for one in complaints:
        name = f"{file.name}:{one.line} {one.key}"
        note = "; ".join(filter(None, (f"write: {one.write}", one.note)))
        context.evidence(name, one.what, ok=False, note=note)
        if one.code not in said:
            context.finding(one.code, "warn" if one.warn else "fail")
        said.add(one.code)
    for twice in file.document.duplicates:
        note = f"also on line {twice.first}: the earlier value is lost"
        context.evidence(f"{file.name}:{twice.second} {twice.key}", "stands twice", ok=False, note=note)
    if not said:
        context.evidence(file.name, "nothing to complain about", ok=True)


_EXAMPLE = re.compile(
    r"x{6,}|\*{3,}|\.{3,}|your[_-]|change[_-]?me|replace[_-]?me|<[^>]*>|\$\{?\w+\}?$|12345678|example|placeholder|"
    r"todo|dummy|insert[_-]",
    re.IGNORECASE,
)


def is_placeholder(value: str) -> bool:
    """Whether a value is what an example has in the place of one."""
    return bool(_EXAMPLE.search(value))
