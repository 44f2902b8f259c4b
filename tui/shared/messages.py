"""What widgets and threads say to screens, and screens to the application. Events are in the past tense."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from diagnostics.engine.events import Event
from diagnostics.targets.target import Target
from kb.matching.matcher import Match
from kb.text.sanitize import Cleaned
from tui.shared.history_types import RunLine
from tui.shared.lab import LabControl

if TYPE_CHECKING:
    from tui.runbook.worker import RunbookWorker


@dataclass
class Progressed(Message):
    """A run has said something; `events` are all so far. Of several in the queue only the last is handled."""

    run_id: str
    events: Sequence[Event]

    def can_replace(self, message: Message) -> bool:
        """Whether this one makes an earlier one needless."""
        return isinstance(message, Progressed) and message.run_id == self.run_id


@dataclass
class Ended(Message):
    """A run is over."""

    run_id: str
    events: Sequence[Event]


@dataclass
class RunbookProgressed(Message):
    """A runbook went on. Of several in the queue only the last is handled: the walker knows where it is."""

    walker: "RunbookWorker"

    def can_replace(self, message: Message) -> bool:
        """Whether this one makes an earlier one needless."""
        return isinstance(message, RunbookProgressed) and message.walker is self.walker


@dataclass
class Requested(Message):
    """A wish that the application grants: another screen, a menu, the end. `action` is an id of the table."""

    action: str


@dataclass
class TextArrived(Message):
    """A text was pasted, typed or read: the application opens Triage with it."""

    text: Cleaned
    said: str = ""
    """Where it comes from, where no person handed it in."""


@dataclass
class Matched(Message):
    """A text and what it shows."""

    text: Cleaned
    matches: tuple[Match, ...]
    said: str = ""


@dataclass
class Listed(Message):
    """The history was read."""

    lines: tuple[RunLine, ...]


@dataclass
class EntryChosen(Message):
    """An entry is to be looked into: Triage opens with it as the only candidate."""

    entry: str
    run: bool = False
    verify: bool = False


@dataclass
class LabChanged(Message):
    """The lab is up, was broken or repaired; `printed` is what its application said then."""

    said: str
    lab: LabControl
    target: Target
    broken: str = ""
    printed: str = ""


@dataclass
class LabFailed(Message):
    """The lab could not do it."""

    said: str
