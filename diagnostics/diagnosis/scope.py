"""Results of one target, as verdicts and exit codes read them."""

from collections.abc import Mapping
from dataclasses import dataclass

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.events import Outcome
from diagnostics.report.model import Result
from diagnostics.targets.command_line.target_command import TargetCommand

CONCLUSIVE = frozenset({"pass", "warn", "fail"})
"""Outcomes of a probe that could examine what it had to."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Results for one target, with the options and settings that diagnoses of the target refer to."""

    target: str
    results: tuple[Result, ...]
    values: Mapping[str, str]
    """Values for the placeholders in sentences and fixes."""
    site_url: str = ""
    command: TargetCommand | None = None
    """Commands that examine this target again; None without a target."""
    active: bool = False
    """Active probes were allowed to run."""
    inapplicable: frozenset[str] = frozenset()
    """Probes that no option makes run: the target lacks what they examine."""


def is_irrelevant(probe: str, outcomes: Mapping[str, Outcome], catalogue: Catalogue) -> bool:
    """Return True if a skipped probe is irrelevant because all probes that it reads passed."""
    reads = catalogue.probes[probe].READS
    skipped = outcomes.get(probe) == "skipped"
    return skipped and bool(reads) and all(outcomes.get(name) == "pass" for name in reads)
