"""Windows that are seen whole, cut short by the deadline or a lost connection, or ended by a finding."""

import re
from collections.abc import Callable
from itertools import pairwise

from diagnostics.engine.context import Context
from diagnostics.engine.window import Window, watch
from diagnostics.errors import CannotTell
from diagnostics.report.model import Result
from tests.diagnostics.engine.test_scheduler import FunctionProbe, results

LOST = "the session ended with 57P01"


def run(probe: Callable[[Context], None], budget_s: float = 5.0, deadline_s: float = 20.0) -> Result:
    return results({"a": FunctionProbe(probe, BUDGET=budget_s)}, deadline_s)["a"]


def watching(seconds: float, look: Callable[[Window], None] = lambda _: None) -> Callable[[Context], None]:
    def probe(context: Context) -> None:
        with watch(context, seconds) as window:
            for _ in window.polls(0.05):
                look(window)

    return probe


def lose_connection(window: Window) -> None:
    if window.seconds > 0.1:
        raise CannotTell(LOST)


def test_a_whole_window_passes_and_its_step_has_its_length() -> None:
    result = run(watching(0.2))

    assert (result.outcome, result.reason) == ("pass", "")
    assert [(step.name, step.detail) for step in result.steps] == [("watch", "0.2 s")]


def test_polls_begin_at_once_and_end_with_the_window() -> None:
    moments: list[float] = []
    run(watching(0.22, lambda window: moments.append(window.seconds)))

    assert moments[0] < 0.05
    assert moments[-1] >= 0.22
    assert all(later > earlier for earlier, later in pairwise(moments))


def test_a_window_that_the_deadline_of_the_run_cuts_short_is_unknown_and_says_how_much_was_seen() -> None:
    result = run(watching(11.0), deadline_s=0.6)

    assert result.outcome == "unknown"
    assert result.reason == "watched for 0.3 of 11 s: the probe had 0.6 s in all"


def test_a_window_that_the_budget_cuts_short_is_unknown() -> None:
    result = run(watching(11.0), budget_s=0.6)

    assert result.outcome == "unknown"
    assert result.reason.startswith("watched for 0.3 of 11 s")


def test_a_window_in_which_the_connection_is_lost_is_unknown_and_the_probe_goes_on() -> None:
    def probe(context: Context) -> None:
        watching(1.0, lose_connection)(context)
        context.evidence("after the window", True)

    result = run(probe)

    assert result.outcome == "unknown"
    assert re.fullmatch(rf"watched for 0\.[12] of 1 s: {LOST}", result.reason)
    assert [item.name for item in result.evidence] == ["after the window"]


def test_a_finding_in_a_shortened_window_counts_and_the_seconds_are_still_said() -> None:
    def probe(context: Context) -> None:
        watching(1.0, lose_connection)(context)
        context.finding("a.wrong")

    result = run(probe)

    assert result.outcome == "fail"
    assert result.reason.startswith("watched for 0.")


def test_a_window_that_ends_because_a_finding_is_certain_is_not_cut_short() -> None:
    result = run(watching(11.0, Window.decide))

    assert (result.outcome, result.reason) == ("pass", "")


def test_the_seconds_that_were_seen_stand_before_every_other_reason() -> None:
    def probe(context: Context) -> None:
        context.unknown("the timeout was not read")
        watching(11.0)(context)

    assert run(probe, budget_s=0.4).reason.startswith("watched for 0.2 of 11 s")
