"""Jobs of child processes and their answers, as lines of JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

MAX_LINE = 2_000_000
"""Bytes of one answer."""


@dataclass(frozen=True, slots=True)
class Job:
    """One examination of a target."""

    number: int
    target: str
    probes: tuple[str, ...]
    until: float
    """End on the system's monotonic clock, which processes share."""

    def line(self) -> bytes:
        """Return the job as one line."""
        return json.dumps(asdict(self)).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of a job."""

    number: int
    samples: str = "[]"
    """Samples as JSON: as a text they take a tenth of the memory until a scrape asks for them."""
    outcomes: Mapping[str, str] | None = None
    """Worst outcome of each probe; None without a run."""
    findings: tuple[tuple[str, str, str], ...] = ()
    """Finding, entry and address of its page."""
    started: float = 0.0
    """Start in seconds of the epoch."""
    seconds: float = 0.0
    problem: str = ""
    """Reason why nothing was examined; secrets masked."""
    rejected: bool = False
    """True if a server rejected a credential: the next login has to wait."""
    threads: int = 0
    """Threads of the child process."""
    memory: int = 0
    """Resident bytes of the child process."""

    def line(self) -> bytes:
        """Return the answer as one line."""
        return json.dumps(asdict(self)).encode() + b"\n"


READY = Answer(0)
"""First line of a child process: it has read the target file."""


def job_of(line: bytes) -> Job:
    """Return the job of a line."""
    data = json.loads(line)
    return Job(data["number"], data["target"], tuple(data["probes"]), data["until"])


def answer_of(line: bytes) -> Answer:
    """Return the answer of a line."""
    data: dict[str, Any] = json.loads(line)
    known = {item.name for item in fields(Answer)}
    data["findings"] = tuple(tuple(item) for item in data["findings"])
    return Answer(**{name: value for name, value in data.items() if name in known})
