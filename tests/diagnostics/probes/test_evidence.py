"""A probe passes on what it has seen: no answer of another form is green, and none breaks a probe."""

from dataclasses import replace

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.targets.settings import LAB_THRESHOLDS
from tests.diagnostics.probes.running import ProbeResult, run_probes, with_thresholds
from tests.support.fake_postgres import HEALTHY, Answer, fake_postgres
from tests.tools import fuzz_answers, fuzz_rows

FIRST = "pg_is_in_recovery()"
OTHERS = ("statements", "kills", "pool", "conflicts", "batches", "report")
SHORT = replace(
    LAB_THRESHOLDS, deadlock_window_s=0.3, statement_window_s=0.3, kill_window_s=0.3, batch_window_s=0.3
)


def looked(changes: dict[str, Answer], *probes: str) -> dict[str, ProbeResult]:
    """Run probes on a server that is healthy but for these answers."""
    with fake_postgres(lambda _probe, part, healthy: changes.get(part, healthy)) as target:
        return run_probes(target, "connect", "login", *probes)


def test_a_healthy_server_is_green() -> None:
    found = looked({}, *OTHERS, "pooler")

    assert {name: result.reason for name, result in found.items() if result.outcome != "pass"} == {}


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (3, "off", "transaction_read_only is off"),
        (4, "0", "statement_timeout is 0"),
        (5, "0", "lock_timeout is 0"),
    ],
)
def test_without_its_guards_no_probe_sends_a_further_statement(column: int, value: str, reason: str) -> None:
    sent: list[tuple[str, str]] = []

    def answers(probe: str, part: str, healthy: Answer) -> Answer:
        sent.append((probe, part))
        if part != FIRST:
            return healthy
        row = list(healthy.rows[0])
        row[column] = value
        return replace(healthy, rows=[row])

    with fake_postgres(answers) as target:
        found = run_probes(target, "connect", "login", *OTHERS)

    guarded = OTHERS if column > 3 else ("login", *OTHERS)
    for probe in guarded:
        assert found[probe].outcome == "unknown"
        assert reason in found[probe].reason
        assert {part for name, part in sent if name == probe} == {FIRST}


@pytest.mark.parametrize(
    ("part", "answer", "probe", "reason"),
    [
        ("SIReadLock", Answer(HEALTHY["SIReadLock"].types, []), "conflicts", "no rows instead of one"),
        ("SIReadLock", Answer((25,), [("1",)]), "conflicts", "1 columns instead of 4"),
        ("pg_blocking_pids", Answer((25,), [("?",)]), "statements", "1 columns instead of 18"),
        ("sessions_fatal", Answer((25, 25, 25), [("0", "0", "0")]), "kills", "a text instead of an integer"),
        ("sessions_fatal", Answer((20, 20, 20), [("0", "x", "0")]), "kills", "a value of another form"),
        ("EXPLAIN", Answer((114,), [('[{"Plan": []}]',)]), "report", "Plan is a list, not an object"),
        ("EXPLAIN", Answer((114,), [("[{",)]), "report", "a value of another form"),
        (FIRST, Answer((), []), "login", "no results to fetch"),
    ],
)
def test_rows_of_another_form_are_unknown_with_the_reason(
    part: str, answer: Answer, probe: str, reason: str
) -> None:
    found = looked({part: answer}, probe)[probe]

    assert (found.outcome, found.codes) == ("unknown", [])
    assert reason in found.reason


@pytest.mark.lab
@pytest.mark.parametrize(
    ("setting", "probes"),
    [("track_activities", ("statements", "batches", "pool")), ("track_counts", ("conflicts", "kills"))],
)
def test_what_the_server_does_not_record_is_not_believed(
    healthy: Lab, setting: str, probes: tuple[str, ...]
) -> None:
    healthy.sql(f"ALTER SYSTEM SET {setting} = off")
    healthy.sql("SELECT pg_reload_conf()")
    try:
        with healthy.server.admin("transactions"):  # a session that began with the setting
            found = run_probes(with_thresholds(healthy.target, SHORT), "connect", "login", *probes)
    finally:
        healthy.sql(f"ALTER SYSTEM RESET {setting}")
        healthy.sql("SELECT pg_reload_conf()")

    for probe in probes:
        assert (found[probe].outcome, found[probe].codes) == ("unknown", []), found[probe]
        assert setting in found[probe].reason


@pytest.mark.lab
def test_counters_that_are_off_for_one_role_are_not_believed(healthy: Lab) -> None:
    healthy.sql("ALTER ROLE app_user SET track_counts = off")
    try:
        found = run_probes(with_thresholds(healthy.target, SHORT), "connect", "login", "conflicts")[
            "conflicts"
        ]
    finally:
        healthy.sql("ALTER ROLE app_user RESET track_counts")

    assert (found.outcome, found.codes) == ("unknown", [])
    assert "track_counts is off for some sessions" in found.reason


@pytest.mark.parametrize("number", range(30))
def test_fuzzed_rows_break_no_probe_and_are_not_green(number: int) -> None:
    assert fuzz_rows.conversation(f"test.{number}") == []


@pytest.mark.parametrize("number", range(30))
def test_fuzzed_answers_of_an_api_break_no_probe_and_are_not_green(number: int) -> None:
    assert fuzz_answers.conversation(f"test.{number}") == []
