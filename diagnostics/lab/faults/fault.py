"""One way to break the lab, and the effect on the application."""

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


@dataclass(frozen=True, slots=True)
class Fault:
    """A generator that breaks the lab, with the effect on the program that suffers from it.

    The effect is exactly one of `prints`, `cost_ratio` and `warning`; ValueError is raised otherwise.
    """

    function: Callable[["Lab"], Iterator[None]]
    """Break the lab, yield once, and release what was opened. The docstring's first line is the summary."""
    prints: str = ""
    """Part of the output of the program that fails: a message, or the name of an exception class."""
    _: KW_ONLY
    cost_ratio: float = 0.0
    """Where the program succeeds at a higher cost: the time or memory of the flawed code divided by that of
    the correct code, at least."""
    warning: str = ""
    """Where the program succeeds: the reason why nothing fails yet. The probe reports a warning."""
    text_of: str = ""
    """Entry that the printed text matches first, if it is another's: drivers hide the errors of poolers."""
    program: str = ""
    """Program of the system that the fault needs; without it the fault raises LabError."""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.prints, self.cost_ratio, self.warning))) != 1:
            raise ValueError(f"{self.function.__name__}: needs one of prints, cost_ratio and warning")

    @property
    def summary(self) -> str:
        """The action of the fault in one sentence."""
        return (self.function.__doc__ or "").strip().splitlines()[0]
