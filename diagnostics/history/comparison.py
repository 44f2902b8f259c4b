"""Difference of two runs, field by field, as a pure function of two reports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diagnostics.engine.events import Evidence, Key, Outcome, Value
from diagnostics.report.model import Report, Result

TIME_UNITS = frozenset({"ms", "s"})
TIME_FACTOR = 2.0
"""Times that differ by less than this factor are drift: machines are busy or idle."""
NUMBER_FACTOR = 1.1
"""Other numbers that differ by less than this factor are drift of a system at work."""
VOLATILE = frozenset({"pid", "process"})
"""Words in the names of evidence whose value is different in every run."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """Change of one evidence; None in the run that does not have it."""

    name: str
    was: Evidence | None
    now: Evidence | None


@dataclass(frozen=True, slots=True)
class ResultChange:
    """Changes of one probe on one endpoint."""

    key: Key
    was: Outcome | None
    """None if the earlier run has no result of the probe."""
    now: Outcome | None
    appeared: tuple[str, ...] = ()
    """Codes of findings in the later run only."""
    gone: tuple[str, ...] = ()
    """Codes of findings in the earlier run only."""
    values: tuple[ValueChange, ...] = ()
    drift: tuple[ValueChange, ...] = ()
    """Values that differ between runs of an unchanged system."""

    @property
    def matters(self) -> bool:
        """True if more than drift changed."""
        return self.was != self.now or bool(self.appeared or self.gone or self.values)


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """Change of the verdict of one entry on one target; empty in a run without the entry."""

    target: str
    entry: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Difference between an earlier and a later run."""

    earlier: str
    """Id of the earlier run."""
    later: str
    """Id of the later run."""
    verdicts: tuple[VerdictChange, ...] = ()
    results: tuple[ResultChange, ...] = ()
    """Probes with a change, drift included."""

    @property
    def newly_confirmed(self) -> tuple[VerdictChange, ...]:
        """Entries that only the later run confirms."""
        return tuple(change for change in self.verdicts if change.now == "confirmed")

    @property
    def no_longer_confirmed(self) -> tuple[VerdictChange, ...]:
        """Entries that only the earlier run confirms."""
        return tuple(change for change in self.verdicts if change.was == "confirmed")


def difference(earlier: Report, later: Report) -> Difference:
    """Compare two reports and return what changed from the earlier to the later one."""
    before, after = _results(earlier), _results(later)
    changes = (_result_change(key, before.get(key), after.get(key)) for key in {**before, **after})
    return Difference(
        earlier.run_id,
        later.run_id,
        tuple(_verdict_changes(_verdicts(earlier), _verdicts(later))),
        tuple(change for change in changes if change.matters or change.drift),
    )


def _results(report: Report) -> dict[Key, Result]:
    return {result.key: result for result in report.results}


def _result_change(key: Key, was: Result | None, now: Result | None) -> ResultChange:
    before, after = _codes(was), _codes(now)
    changed = [
        ValueChange(name, *pair)
        for (name, _), pair in _pairs(_evidence(was), _evidence(now)).items()
        if not _same(*pair)
    ]
    return ResultChange(
        key,
        was.outcome if was else None,
        now.outcome if now else None,
        tuple(code for code in after if code not in before),
        tuple(code for code in before if code not in after),
        tuple(change for change in changed if not _is_drift(change)),
        tuple(change for change in changed if _is_drift(change)),
    )


def _codes(result: Result | None) -> tuple[str, ...]:
    return tuple(finding.code for finding in result.findings) if result else ()


def _evidence(result: Result | None) -> dict[tuple[str, int], Evidence]:
    """Index evidence by name and by its number among those of the name: a probe may use a name repeatedly."""
    numbered: dict[tuple[str, int], Evidence] = {}
    counted: dict[str, int] = {}
    for item in result.evidence if result else ():
        counted[item.name] = counted.get(item.name, 0) + 1
        numbered[item.name, counted[item.name]] = item
    return numbered


def _pairs(
    before: Mapping[tuple[str, int], Evidence], after: Mapping[tuple[str, int], Evidence]
) -> dict[tuple[str, int], tuple[Evidence | None, Evidence | None]]:
    return {key: (before.get(key), after.get(key)) for key in {**before, **after}}


def _same(was: Evidence | None, now: Evidence | None) -> bool:
    """Return True if value, expectation, unit and judgement are equal; the note does not count."""
    return bool(was and now) and _compared(was) == _compared(now)


def _compared(item: Evidence | None) -> tuple[object, ...]:
    return (item.value, item.expected, item.unit, item.ok) if item else ()


def _is_drift(change: ValueChange) -> bool:
    """Return True if both are judged alike and their values differ by no more than drift."""
    was, now = change.was, change.now
    if was is None or now is None or _compared(was)[1:] != _compared(now)[1:]:
        return False
    if VOLATILE & set(change.name.lower().split()):
        return True
    low, high = sorted((_number(was.value), _number(now.value)))
    return low > 0 and high < low * (TIME_FACTOR if now.unit in TIME_UNITS else NUMBER_FACTOR)


def _number(value: Value) -> float:
    """Return a number as it is, 0 for other values: these are never drift."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _verdicts(report: Report) -> dict[tuple[str, str], str]:
    """Return the verdict by target and entry; an entry folded under a root cause has its verdict."""
    folded = {(item.target, name): item.verdict for item in report.diagnoses for name in item.folded}
    return {**folded, **{(item.target, item.entry): item.verdict for item in report.diagnoses}}


def _verdict_changes(
    before: Mapping[tuple[str, str], str], after: Mapping[tuple[str, str], str]
) -> Iterable[VerdictChange]:
    for target, entry in {**before, **after}:
        was, now = before.get((target, entry), ""), after.get((target, entry), "")
        if was != now:
            yield VerdictChange(target, entry, was, now)
