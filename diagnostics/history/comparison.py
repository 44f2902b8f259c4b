"""What is different between two runs, field by field: a function of two reports, nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diagnostics.engine.events import Evidence, Key, Outcome, Value
from diagnostics.report.model import Report, Result

TIME_UNITS = frozenset({"ms", "s"})
TIME_FACTOR = 2.0
"""Times that differ by less than this say nothing: machines are busy or idle."""
NUMBER_FACTOR = 1.1
"""Other numbers that differ by less than this are noise of a system at work."""
PASSING = frozenset({"pid", "process"})
"""Words in the name of evidence whose value is another in every run."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One piece of evidence; None on the side that does not have it."""

    name: str
    was: Evidence | None
    now: Evidence | None


@dataclass(frozen=True, slots=True)
class ResultChange:
    """What changed for one probe on one endpoint."""

    key: Key
    was: Outcome | None
    """None where the probe was not asked, or had not answered yet."""
    now: Outcome | None
    appeared: tuple[str, ...] = ()
    """Codes of findings that the later run has and the earlier has not."""
    gone: tuple[str, ...] = ()
    values: tuple[ValueChange, ...] = ()
    drift: tuple[ValueChange, ...] = ()
    """Values that differ from run to run although nothing happened."""

    @property
    def matters(self) -> bool:
        """Whether more than drift changed."""
        return self.was != self.now or bool(self.appeared or self.gone or self.values)


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """What changed for one entry on one target; empty on the side that does not name it."""

    target: str
    entry: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Difference:
    """From an earlier run to a later one."""

    earlier: str
    """Its run id."""
    later: str
    verdicts: tuple[VerdictChange, ...] = ()
    results: tuple[ResultChange, ...] = ()
    """Only those in which something changed."""

    @property
    def newly_confirmed(self) -> tuple[VerdictChange, ...]:
        """Entries that are confirmed now and were not."""
        return tuple(one for one in self.verdicts if one.now == "confirmed")

    @property
    def no_longer_confirmed(self) -> tuple[VerdictChange, ...]:
        """Entries that were confirmed and are not now."""
        return tuple(one for one in self.verdicts if one.was == "confirmed")


def difference(earlier: Report, later: Report) -> Difference:
    """What the later run says otherwise than the earlier one."""
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
    """By name and by which of that name it is: a probe may say the same of several things."""
    found: dict[tuple[str, int], Evidence] = {}
    counted: dict[str, int] = {}
    for item in result.evidence if result else ():
        counted[item.name] = counted.get(item.name, 0) + 1
        found[item.name, counted[item.name]] = item
    return found


def _pairs(
    before: Mapping[tuple[str, int], Evidence], after: Mapping[tuple[str, int], Evidence]
) -> dict[tuple[str, int], tuple[Evidence | None, Evidence | None]]:
    return {place: (before.get(place), after.get(place)) for place in {**before, **after}}


def _same(was: Evidence | None, now: Evidence | None) -> bool:
    """Whether two observations say the same; a note explains a value and is no value."""
    return bool(was and now) and _said(was) == _said(now)


def _said(item: Evidence | None) -> tuple[object, ...]:
    return (item.value, item.expected, item.unit, item.ok) if item else ()


def _is_drift(change: ValueChange) -> bool:
    """Whether the observations are judged alike and differ by no more than two runs do anyway."""
    was, now = change.was, change.now
    if was is None or now is None or _said(was)[1:] != _said(now)[1:]:
        return False
    if PASSING & set(change.name.lower().split()):
        return True
    low, high = sorted((_size(was.value), _size(now.value)))
    return low > 0 and high < low * (TIME_FACTOR if now.unit in TIME_UNITS else NUMBER_FACTOR)


def _size(value: Value) -> float:
    """A number as it is; 0, which is near to nothing, for everything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _verdicts(report: Report) -> dict[tuple[str, str], str]:
    """The verdict of each entry on each target; what is folded under a root was confirmed beside it."""
    found = {(one.target, name): one.verdict for one in report.diagnoses for name in one.folded}
    return {**found, **{(one.target, one.entry): one.verdict for one in report.diagnoses}}


def _verdict_changes(
    before: Mapping[tuple[str, str], str], after: Mapping[tuple[str, str], str]
) -> Iterable[VerdictChange]:
    for target, entry in {**before, **after}:
        was, now = before.get((target, entry), ""), after.get((target, entry), "")
        if was != now:
            yield VerdictChange(target, entry, was, now)
