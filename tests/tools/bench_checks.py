"""Measure what declared checks cost a run: `check` on the lab with forty of them, and with none.

Usage: python -m tests.tools.bench_checks
"""

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.lab.lab import Lab
from diagnostics.probes import PROBES
from diagnostics.run.examination import Examination, examine
from diagnostics.run.selection import tasks
from kb.checks.model import Check
from kb.records.loader import load_entries
from kb.records.models import Cause, Entry

ROUNDS = 3
MANY = 40
QUERY = """
SELECT c.relname::text AS name, c.reltuples FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.reltuples > {number}
"""


def rows(lab: Lab) -> Iterator[tuple[str, str, str, str]]:
    """Yield the comparison of a whole run: all probes that are not active."""
    none, many = (min(seconds(lab, count) for _ in range(ROUNDS)) for count in (0, MANY))
    yield (
        f"check, {MANY} declared checks",
        f"check with none, {none:.2f} s",
        f"{many / none:.2f}x",
        "<= 1.20x",
    )


def seconds(lab: Lab, count: int) -> float:
    """Return the seconds of a run with `count` generated entries, each with one check."""
    shipped = {
        entry_id: replace(entry, checks={}) for entry_id, entry in load_entries().items() if not entry.checks
    }
    catalogue = Catalogue({**shipped, **{entry.id: entry for entry in generated(count)}}, PROBES)
    planned = tasks([lab.target], list(catalogue.probes), catalogue, active=False, forced=False)
    examination = Examination(catalogue=catalogue, targets=(lab.target,), tasks=tuple(planned))
    began = perf_counter()
    report = examine(examination)
    took = perf_counter() - began
    results = [result for result in report.results if result.key.probe.startswith("db-generated-")]
    if len(results) != count or any(result.outcome != "pass" for result in results):
        raise ValueError(f"{[(result.key.probe, result.reason) for result in results if result.reason]}")
    return took


def generated(count: int) -> Iterator[Entry]:
    """Yield entries with one check each, half of them for each role."""
    example = load_entries()["db-replica-lag"]
    for number in range(count):
        entry_id = f"db-generated-{number}"
        role = "application" if number % 2 else "monitor"
        check = Check(sql=QUERY.format(number=1_000_000 + number), role=role)  # type: ignore[arg-type]  # one of two
        cause: Cause = replace(example.causes[0], finding=f"{entry_id}.found", fault=None)
        yield replace(example, id=entry_id, checks={"found": (check,)}, causes=(cause,), leads_to=())


if __name__ == "__main__":
    with Lab() as started:
        for line in rows(started):
            print("  ".join(line))
