"""Interface of the parts of the lab beside the database."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Self

from diagnostics.targets.settings import TargetSettings


class Part(ABC):
    """Servers or files of the lab: context manager that starts healthy; `restore` makes it healthy again."""

    _stack: ExitStack

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.start(stack)
            self.restore()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self, stack: ExitStack) -> None:  # noqa: B027  files need no start
        """Start the servers; the stack ends them."""

    @property
    def description(self) -> str:
        """Short description of what runs, with its address; empty if nothing runs."""
        return ""

    @abstractmethod
    def restore(self) -> None:
        """Restore full health, whatever a fault or a fix changed. Idempotent."""

    @abstractmethod
    def apply_to_settings(self, settings: TargetSettings) -> TargetSettings:
        """Return the target's settings with the current settings of this part."""

    def environment(self) -> Mapping[str, str]:
        """Return the variables of this part for the application's environment."""
        return {}
