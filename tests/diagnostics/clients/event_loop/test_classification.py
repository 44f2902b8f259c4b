"""What keeps a loop is told from what its threads use, on a quiet machine and on a busy one."""

from dataclasses import replace

import pytest

from diagnostics.clients.event_loop.classification import Measured, Verdict, judged
from diagnostics.clients.event_loop.thread_usage import ThreadUse, Use


def measured(
    loaded_ms: float,
    main: float = 0.0,
    others: float = 0.0,
    *,
    waited: float = 0.0,
    others_waited: float = 0.0,
    waiting_s: float = 0.9,
    own_waited: float = 0.0,
) -> Measured:
    """One second under load; health takes 0.5 ms when idle, and may take 10."""
    used = ThreadUse(Use(main, waited), Use(others, others_waited))
    return Measured(0.5, loaded_ms, 10, 5, seconds=1, waiting_s=waiting_s, own_waited_s=own_waited, used=used)


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (measured(145, main=1.0), "loop.cpu_inline"),
        (measured(145, main=0.45, waited=0.5), "loop.cpu_inline"),  # it gets half of a CPU
        (measured(167, main=0.01), "loop.blocking_io"),
        (measured(60, main=0.01, others=0.98), "loop.gil_threads"),
        (measured(60, main=0.01, others=0.25, waited=0.1, others_waited=0.7), "loop.gil_threads"),
        (measured(3, main=0.05, others=1.73), ""),  # threads that give the lock away
        (measured(0.3, main=0.03), ""),  # a pool of processes
    ],
)
def test_each_way_to_keep_a_loop_has_its_own_trace(seen: Measured, code: str) -> None:
    assert judged(seen) == Verdict(code)  # type: ignore[arg-type]  # a code of the table above


def test_hashing_of_3_ms_is_a_warning_while_answers_still_come_in_time() -> None:
    assert judged(measured(9.4, main=0.99)) == Verdict("loop.cpu_inline", "warn")
    assert judged(measured(2.4, main=0.99)) == Verdict()
    assert judged(measured(9.4, main=0.5)) == Verdict()


def test_a_machine_without_a_free_cpu_says_nothing_about_the_loop() -> None:
    starved = measured(30, main=0.03, others=0.9, waited=0.3, waiting_s=0.4)

    assert judged(starved) == Verdict(starved=True)
    assert judged(measured(30, main=0.03, waiting_s=0.4, own_waited=0.3)) == Verdict(starved=True)
    assert judged(replace(measured(30, own_waited=0.8), used=None)) == Verdict(starved=True)


def test_without_the_process_the_loop_is_blocked_and_no_more() -> None:
    assert judged(replace(measured(145), used=None)) == Verdict("loop.blocked")


def test_a_process_that_did_nothing_is_another_one() -> None:
    assert judged(measured(145)) == Verdict("loop.blocked", wrong_process=True)
