"""What `make matrix` wrote down: each fault, in each environment, with what it came to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MATRIX = Path(__file__).with_name("proof") / "matrix.json"
PROVEN, WARNS, NOT_PROVEN = "proven", "warns", "not proven"


@dataclass(frozen=True, slots=True)
class Row:
    """What one fault came to in one environment."""

    finding: str
    entry: str
    """The entry that claims the finding."""
    confirmed: tuple[str, ...]
    """The entries that the doctor named; none for a fault that is only a warning."""
    green: bool
    """Whether the record's fix ended it."""
    printed: str
    """What the code that suffers printed; empty where it is only slow or large."""
    healthy: str = ""
    """What `check` said before the fault."""
    broken: str = ""
    """What `check` said of it."""
    warning: bool = False
    """Whether the fault only warns in this environment, and so confirms nothing."""
    tries: int = 1
    """How often it was measured until it was as it should be."""

    @property
    def said(self) -> str:
        """What it came to, in a few words."""
        own = () if self.warning else (self.entry,)
        if not self.green or self.confirmed != own:
            return NOT_PROVEN
        outcome = WARNS if self.warning else PROVEN
        return outcome if self.tries == 1 else f"{outcome} at try {self.tries}"


@dataclass(frozen=True, slots=True)
class Environment:
    """One Python with one set of servers."""

    name: str
    rows: Mapping[str, Row]
    """By finding."""
    python: str = ""
    postgresql: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """The whole matrix and the day on which it was made."""

    proven: str
    environments: tuple[Environment, ...]

    def of(self, finding: str) -> list[tuple[str, Row]]:
        """The environments that proved a finding, each with its row."""
        return [
            (environment.name, environment.rows[finding])
            for environment in self.environments
            if finding in environment.rows
        ]


def read_proof(path: Path = MATRIX) -> Proof:
    """Read the matrix."""
    document = json.loads(path.read_text("utf-8"))
    return Proof(document["proven"], tuple(_environment(one) for one in document["environments"]))


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
        healthy=data.get("healthy", ""),
        broken=data.get("broken", ""),
        warning=data.get("warning", not data["confirmed"]),
        tries=data.get("tries", 1),
    )
