"""Difference of two runs: only changes, drift apart from the rest."""

from dataclasses import replace

import pytest

from diagnostics.engine.events import Evidence, Finding, Key, Outcome
from diagnostics.history.comparison import Difference, ResultChange, ValueChange, VerdictChange, difference
from diagnostics.history.comparison_text import difference_text
from diagnostics.report.model import Diagnosis, Report, Result, Verdict
from diagnostics.terminal import Terminal

LOGIN = Key("prod", "postgresql://app@db/x", "login")
POOL = Key("prod", "postgresql://app@db/x", "pool")


def seen(name: str, value: str | float | bool, *, unit: str = "", ok: bool | None = None) -> Evidence:
    return Evidence(name=name, value=value, unit=unit, ok=ok)


def result(
    *evidence: Evidence, outcome: Outcome = "pass", codes: tuple[str, ...] = (), key: Key = LOGIN
) -> Result:
    return Result(key, outcome, "", "", tuple(Finding(code=code) for code in codes), evidence)


def report(*results: Result, diagnoses: tuple[Diagnosis, ...] = (), run_id: str = "earlier") -> Report:
    return Report(
        tool_version="0.1.0",
        run_id=run_id,
        started="2026-01-01T00:00:00+00:00",
        targets=("prod",),
        results=results,
        diagnoses=diagnoses,
    )


def diagnosis(entry: str, verdict: Verdict = "confirmed", folded: tuple[str, ...] = ()) -> Diagnosis:
    return Diagnosis(entry=entry, title=entry, verdict=verdict, target="prod", folded=folded)


BROKEN = report(
    result(
        seen("login", "28P01: rejected", ok=False),
        seen("role", "app"),
        seen("took", 40.0, unit="ms"),
        outcome="fail",
        codes=("login.stale_credential",),
    ),
    Result(POOL, "blocked", "login ended fail", "login"),
    diagnoses=(diagnosis("db-credential-rotation"), diagnosis("db-deadlock", "ruled_out")),
)
REPAIRED = report(
    result(seen("login", "accepted", ok=True), seen("role", "app"), seen("took", 55.0, unit="ms")),
    result(key=POOL),
    diagnoses=(diagnosis("db-credential-rotation", "past"), diagnosis("db-deadlock", "ruled_out")),
    run_id="later",
)


def test_two_runs_that_say_the_same_have_no_difference() -> None:
    assert difference(BROKEN, BROKEN) == Difference("earlier", "earlier")


def test_a_repair_is_told_field_by_field() -> None:
    found = difference(BROKEN, REPAIRED)

    assert found.verdicts == (VerdictChange("prod", "db-credential-rotation", "confirmed", "past"),)
    assert found.results == (
        ResultChange(
            LOGIN,
            "fail",
            "pass",
            gone=("login.stale_credential",),
            values=(
                ValueChange(
                    "login",
                    seen("login", "28P01: rejected", ok=False),
                    seen("login", "accepted", ok=True),
                ),
            ),
            drift=(ValueChange("took", seen("took", 40.0, unit="ms"), seen("took", 55.0, unit="ms")),),
        ),
        ResultChange(POOL, "blocked", "pass"),
    )


def test_the_way_back_is_the_mirror_image() -> None:
    there, back = difference(BROKEN, REPAIRED), difference(REPAIRED, BROKEN)

    assert back.newly_confirmed == (VerdictChange("prod", "db-credential-rotation", "past", "confirmed"),)
    assert [one.entry for one in there.no_longer_confirmed] == ["db-credential-rotation"]
    assert there.newly_confirmed == back.no_longer_confirmed == ()
    assert back.results[0].appeared == there.results[0].gone


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (seen("took", 40.0, unit="ms"), seen("took", 79.0, unit="ms")),
        (seen("waited", 3, unit="s"), seen("waited", 2, unit="s")),
        (
            seen("deadlocks since the counters began", 1000),
            seen("deadlocks since the counters began", 1050),
        ),
        (seen("backend pid", 4711), seen("backend pid", 12)),
    ],
    ids=lambda item: f"{item.name} {item.value}",
)
def test_what_differs_from_run_to_run_anyway_is_drift(was: Evidence, now: Evidence) -> None:
    (change,) = difference(report(result(was)), report(result(now))).results

    assert change.drift == (ValueChange(was.name, was, now),)
    assert not change.matters


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (seen("took", 40.0, unit="ms"), seen("took", 80.0, unit="ms")),
        (seen("took", 40.0, unit="ms", ok=True), seen("took", 41.0, unit="ms", ok=False)),
        (seen("took", 1, unit="ms"), seen("took", 1, unit="s")),
        (seen("sessions", 20), seen("sessions", 40)),
        (seen("sessions", 0), seen("sessions", 1)),
        (seen("superuser", value=False), seen("superuser", value=True)),
        (seen("route", "10.0.0.1"), seen("route", "10.0.0.2")),
        (seen("free", 5), seen("free", "unknown")),
    ],
    ids=lambda item: f"{item.name} {item.value} {item.unit}",
)
def test_what_says_something_new_is_a_change(was: Evidence, now: Evidence) -> None:
    (change,) = difference(report(result(was)), report(result(now))).results

    assert change.values == (ValueChange(was.name, was, now),)
    assert change.drift == ()


def test_a_note_is_no_value() -> None:
    was = replace(seen("role", "app"), note="seen at 02:00")

    assert difference(report(result(was)), report(result(replace(was, note="seen at 03:00")))).results == ()


def test_evidence_of_one_name_is_compared_in_its_order() -> None:
    first, second, third = (seen("versions taken", value) for value in ("a", "b", "c"))

    (change,) = difference(report(result(first, second)), report(result(first, third, second))).results

    assert change.values == (
        ValueChange("versions taken", second, third),
        ValueChange("versions taken", None, second),
    )


def test_a_probe_that_was_not_asked_before_appears_with_all_that_it_says() -> None:
    role = seen("role", "app")

    (change,) = difference(report(), report(result(role, codes=("login.rejected",)))).results

    assert change == ResultChange(
        LOGIN, None, "pass", appeared=("login.rejected",), values=(ValueChange("role", None, role),)
    )


def test_an_entry_that_folds_under_a_new_root_stays_confirmed() -> None:
    before = report(diagnoses=(diagnosis("db-pool-exhausted"),))
    after = report(diagnoses=(diagnosis("db-lock-queue", folded=("db-pool-exhausted",)),))

    found = difference(before, after)

    assert found.verdicts == (VerdictChange("prod", "db-lock-queue", "", "confirmed"),)


def test_the_difference_reads_entries_first_and_drift_last() -> None:
    assert difference_text(difference(BROKEN, REPAIRED), Terminal(unicode=False)) == (
        "from earlier to later\n"
        "db-credential-rotation on prod: x confirmed -> < past\n"
        "login on prod (postgresql://app@db/x): x fail -> + pass\n"
        "  gone      login.stale_credential\n"
        "  login: 28P01: rejected (not as expected) -> accepted (as expected)\n"
        "pool on prod (postgresql://app@db/x): / blocked -> + pass\n"
        "drift, as between any two runs:\n"
        "  login  took: 40 ms -> 55 ms\n"
    )


def test_nothing_changed_is_said() -> None:
    assert difference_text(difference(BROKEN, BROKEN), Terminal()) == (
        "from earlier to earlier\nnothing changed\n"
    )


def test_a_side_that_is_not_there_is_said_in_words() -> None:
    text = difference_text(difference(REPAIRED, report(run_id="empty")), Terminal(unicode=False))

    assert "login on prod (postgresql://app@db/x): + pass -> absent" in text
    assert "  role: app -> absent" in text
