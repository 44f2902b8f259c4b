"""Results of `make matrix`, the outcome of each fault in each environment, and of `make transcripts`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MATRIX = Path(__file__).with_name("proof") / "matrix.json"
TRANSCRIPTS = Path(__file__).with_name("proof") / "transcripts.json"
PROVEN, WARNS, NOT_PROVEN = "proven", "warns", "not proven"


@dataclass(frozen=True, slots=True)
class Row:
    """Result of one fault in one environment."""

    finding: str
    entry: str
    """Entry that claims the finding."""
    confirmed: tuple[str, ...]
    """Entries that the diagnosis confirmed; empty for a fault that is only a warning."""
    green: bool
    """True if `verify` passed after the record's fix."""
    printed: str
    """Output of the code that suffers from the fault; empty if the code is only slow or large."""
    warning: bool = False
    """True if the fault only warns in this environment, and so confirms nothing."""
    tries: int = 1
    """Number of measurements until the result was as expected."""

    @property
    def result(self) -> str:
        """One of `proven`, `warns` and `not proven`, with the number of tries if there was more than one."""
        expected = () if self.warning else (self.entry,)
        if not self.green or self.confirmed != expected:
            return NOT_PROVEN
        result = WARNS if self.warning else PROVEN
        return result if self.tries == 1 else f"{result} at try {self.tries}"


@dataclass(frozen=True, slots=True)
class Transcript:
    """Output of `check` on the lab, before a fault and with it."""

    healthy: str
    broken: str


@dataclass(frozen=True, slots=True)
class Environment:
    """One Python version with one set of servers."""

    name: str
    rows: Mapping[str, Row]
    """Results by finding."""
    python: str = ""
    postgresql: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """The matrix of all environments, with the day of the run."""

    proven: str
    environments: tuple[Environment, ...]
    transcripts: Mapping[str, Transcript] = field(default_factory=dict)
    """Captured output by finding: one for each page."""

    def rows_of(self, finding: str) -> list[tuple[str, Row]]:
        """Return the name of each environment that ran the fault of a finding, with its result."""
        return [
            (environment.name, environment.rows[finding])
            for environment in self.environments
            if finding in environment.rows
        ]


def read_proof(path: Path = MATRIX) -> Proof:
    """Read the matrix and the transcripts from their JSON files."""
    document = json.loads(path.read_text("utf-8"))
    environments = tuple(_environment(data) for data in document["environments"])
    captured = json.loads(TRANSCRIPTS.read_text("utf-8"))
    return Proof(
        document["proven"], environments, {name: Transcript(**data) for name, data in captured.items()}
    )


def _environment(data: Mapping[str, Any]) -> Environment:
    rows = {row["finding"]: _row(row) for row in data["rows"]}
    return Environment(data["name"], rows, data.get("python", ""), data.get("postgresql", ""))


def _row(data: Mapping[str, Any]) -> Row:
    return Row(
        finding=data["finding"],
        entry=data["entry"],
        confirmed=tuple(data["confirmed"]),
        green=data["green"],
        printed=data["printed"],
        warning=data.get("warning", not data["confirmed"]),
        tries=data.get("tries", 1),
    )
