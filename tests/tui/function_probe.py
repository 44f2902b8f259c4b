"""A probe whose question is a function of the test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.targets.target import EndpointKind


@dataclass
class FunctionProbe:
    """A probe whose question is a function."""

    run: Callable[[Context], None]
    NEEDS: Sequence[str] = ()
    READS: Sequence[str] = ()
    FINDINGS: Sequence[str] = ()
    BUDGET: float = 30.0
    ALONE: bool = False
    QUESTION: str = "Is it so?"
    LAYER: str = "database"
    APPLIES_TO: Sequence[EndpointKind] = ("postgresql",)
    SAFETY: Safety = "remote"
    SENDS: str = "nothing"
