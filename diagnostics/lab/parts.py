"""What each part of the lab beside the database is."""

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

from diagnostics.settings import TargetSettings


class Part(Protocol):
    """A server or a set of files: healthy once entered, put back by `heal`, gone when it ends."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    @property
    def description(self) -> str:
        """What runs and where, in a few words; empty where nothing runs."""

    def heal(self) -> None:
        """Restore full health, whatever a fault or a fix has changed. Doing so twice changes nothing."""

    def told(self, settings: TargetSettings) -> TargetSettings:
        """The settings of the lab's target with what the doctor is told of this part, as it is now."""

    def environment(self) -> Mapping[str, str]:
        """What a program that plays the application is told of this part."""
