"""What is wrong with a runbook, and where."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kb.runbook import Runbook

Place = tuple[int | str, ...]
"""Field names and positions, as YAML nests them."""


@dataclass(frozen=True, slots=True)
class Breach:
    """What is wrong, and where in the record."""

    at: Place
    problem: str


Rule = Callable[[Runbook], Iterator[Breach]]
"""What holds for a runbook: it gives every breach of itself."""
