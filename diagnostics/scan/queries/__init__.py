"""Queries that find the lines of an entry in an engine that holds the logs: one module per engine."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from diagnostics.engine.module_table import ModuleTable

Writer: TypeAlias = "Callable[[Query], str]"


class Query(NamedTuple):
    """Entry to find: its literals, and the window of time."""

    entry: str
    title: str
    literals: Sequence[str]
    since: str = ""
    """ISO 8601; empty for no limit."""
    until: str = ""


QUERIES: ModuleTable[Writer] = ModuleTable(
    "diagnostics.scan.queries", "loki", "elasticsearch", "clickhouse", attribute="query"
)
ENGINES: Final = tuple(QUERIES)


def shortest(literals: Iterable[str]) -> list[str]:
    """Return the literals that contain no other one: they find the same lines."""
    kept: list[str] = []
    for literal in sorted(literals, key=lambda text: (len(text), text)):
        if not any(other in literal for other in kept):
            kept.append(literal)
    return sorted(kept)
