"""Record of a fix: the steps, what was run of them and as whom, and how it ended. Pure data."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

StepState: TypeAlias = Literal[
    "ready", "copy", "done", "failed", "interrupted", "declined", "not needed", "not run"
]
"""`ready`: it could be run, and was not asked for; `copy`: it has no place where it could be run."""
FixState: TypeAlias = Literal[
    "planned", "verified", "still_failing", "not_verified", "declined", "nothing_to_run", "not_confirmed",
    "interrupted",
]  # fmt: skip
UndoState: TypeAlias = Literal["", "done", "failed", "declined", "by hand"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedStep:
    """One step of a fix. Texts have no secrets; output of commands is not part of it."""

    id: str
    """`<finding>:<name>`; the name is made of words of the title."""
    title: str
    kind: str
    changes: bool
    state: StepState
    place: str = ""
    """Place where it runs; empty if it has none."""
    account: str = ""
    """Role of the database, or user of this machine, that it runs as."""
    command: str = ""
    undo: str = ""
    """Way back, or the reason why there is none."""
    reason: str = ""
    """Reason of the state: the error of a failed step, why a step has to be copied."""
    seconds: float = 0.0
    undone: UndoState = ""
    """State of the undo, where it was offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixRecord:
    """Fix of one finding on one target."""

    entry: str
    finding: str
    """Empty if the run confirmed no finding of the entry."""
    target: str
    state: FixState
    sentence: str = ""
    """The finding as a full sentence."""
    evidence: tuple[str, ...] = ()
    """Reasons for the finding, before the fix."""
    reason: str = ""
    """Reason of the state, such as the root that has to be fixed first."""
    steps: tuple[FixedStep, ...] = ()
    tries: int = 0
    """Number of verifications after the steps."""
    seconds: float = 0.0
    """Seconds from the first step to the last verification."""
