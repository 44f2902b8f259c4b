"""States of targets by layer over time, and what changed. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.events import Key
from diagnostics.report.model import Report, Result, roll_up


class Cell(NamedTuple):
    """A layer of a target."""

    target: str
    layer: str


@dataclass(frozen=True, slots=True)
class Change:
    """Another outcome of a probe than in the round before."""

    at: str
    """UTC, ISO 8601."""
    key: Key
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Since:
    """Outcome of a probe, and the time since which it is so."""

    text: str
    at: str
    """UTC, ISO 8601."""


def shown_results(report: Report) -> list[Result]:
    """Return the results of probes that ran or were blocked; skipped ones say nothing."""
    return [result for result in report.results if result.outcome != "skipped"]


def layers_of(catalogue: Catalogue, results: Iterable[Result]) -> list[str]:
    """Return the layers that have results, in the order of the table of probes."""
    present = {catalogue.probes[result.key.probe].LAYER for result in results}
    return [
        layer
        for layer in dict.fromkeys(probe.LAYER for probe in catalogue.probes.values())
        if layer in present
    ]


def cells_of(catalogue: Catalogue, results: Sequence[Result]) -> dict[Cell, str]:
    """Return the worst outcome of each layer of each target."""
    groups: dict[Cell, list[Result]] = {}
    for result in results:
        cell = Cell(result.key.target, catalogue.probes[result.key.probe].LAYER)
        groups.setdefault(cell, []).append(result)
    return {cell: roll_up(own) for cell, own in groups.items()}


def outcome_of(result: Result) -> str:
    """Return outcome and findings of a result."""
    codes = ", ".join(finding.code for finding in result.findings)
    return f"{result.outcome}: {codes}" if codes else result.outcome


def updated(
    since: Mapping[Key, Since], results: Iterable[Result], at: str
) -> tuple[dict[Key, Since], list[Change]]:
    """Return since when each result is as it is, and what changed since the round before."""
    after: dict[Key, Since] = {}
    changes = []
    for result in results:
        before, text = since.get(result.key), outcome_of(result)
        if before and before.text == text:
            after[result.key] = before
            continue
        after[result.key] = Since(text, at)
        if before:
            changes.append(Change(at, result.key, before.text, text))
    return after, changes
