"""Origin of a target: the words of the command line that name it."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Place that a target comes from, so that printed commands name the same target again."""

    word: str | None = field(default=None, repr=False)
    """Value of `--target`; it may contain a password. None if the target was found without the option."""
    config: Path | None = None
    """Target file that `--config` names, or the environment; None for one that was found, and without one."""
    overrides: tuple[str, ...] = field(default=(), repr=False)
    """Values of `--set`, `KEY=VALUE`; they may contain secrets."""
