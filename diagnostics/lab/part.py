"""What each part of the lab beside the database is."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Self

from diagnostics.targets.settings import TargetSettings


class Part(ABC):
    """A server or a set of files: healthy once entered, put back by `heal`, gone when it ends."""

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
        """Start what runs; the stack ends it."""

    @property
    def description(self) -> str:
        """What runs and where, in a few words; empty where nothing runs."""
        return ""

    @abstractmethod
    def restore(self) -> None:
        """Restore full health, whatever a fault or a fix has changed. Doing so twice changes nothing."""

    @abstractmethod
    def apply_to_settings(self, settings: TargetSettings) -> TargetSettings:
        """The settings of the lab's target with what the doctor is told of this part, as it is now."""

    def environment(self) -> Mapping[str, str]:
        """What a program that plays the application is told of this part."""
        return {}
