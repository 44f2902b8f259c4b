"""Messages from widgets and threads to screens, and from screens to the application.

Each names an event that has happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message

from diagnostics.engine.events import Event
from diagnostics.targets.target import Target
from kb.matching.matcher import Match
from kb.text.sanitize import Cleaned
from tui.shared.history_types import RunLine
from tui.shared.lab import LabControl


@dataclass
class RunProgressed(Message):
    """A run has emitted an event. `events` are all events so far, so that a later message supersedes it."""

    run_id: str
    events: Sequence[Event]

    def can_replace(self, message: Message) -> bool:
        """Return True if this message supersedes an earlier one in the queue."""
        return isinstance(message, RunProgressed) and message.run_id == self.run_id


@dataclass
class RunEnded(Message):
    """A run has ended, or was cancelled."""

    run_id: str
    events: Sequence[Event]


@dataclass
class RunbookProgressed(Message):
    """The state of a runbook has changed; the worker of the run holds it."""

    run_id: str

    def can_replace(self, message: Message) -> bool:
        """Return True if this message supersedes an earlier one in the queue."""
        return isinstance(message, RunbookProgressed) and message.run_id == self.run_id


@dataclass
class TextSubmitted(Message):
    """An error text was pasted, typed or read, and cleaned."""

    text: Cleaned
    notice: str = ""
    """For the message line: the source of a text that the user has not entered."""


@dataclass
class TextMatched(Message):
    """A text was matched against the entries."""

    text: Cleaned
    matches: tuple[Match, ...]
    notice: str = ""


@dataclass
class RunsListed(Message):
    """The history was read."""

    lines: tuple[RunLine, ...]


@dataclass
class EntryChosen(Message):
    """An entry was chosen for Triage, where it is the only candidate."""

    entry: str
    run: bool = False
    verify: bool = False


@dataclass
class TargetChosen(Message):
    """A watched target was chosen for Triage."""

    target: str
    entry: str
    """An entry that is confirmed on it; empty if there is none."""


@dataclass
class RecordChosen(Message):
    """A record of a log was chosen for Triage."""

    text: str
    entry: str
    """The entry that the record proves; empty if none does."""


@dataclass
class PasteProgressed(Message):
    """A part of a long paste has arrived."""

    characters: int

    def can_replace(self, message: Message) -> bool:
        """Return True: a later message supersedes an earlier one in the queue."""
        return isinstance(message, PasteProgressed)


@dataclass
class LabChanged(Message):
    """The lab was started, broken or repaired."""

    notice: str
    lab: LabControl
    target: Target
    finding: str = ""
    """The finding of the injected fault; empty in a healthy lab."""
    printed: str = ""
    """Output of the lab's application after a fault was injected."""


@dataclass
class LabFailed(Message):
    """The lab could not be started or changed."""

    notice: str
