"""The cause of a blocked loop is classified by the CPU usage of its threads, also on a busy machine."""

from dataclasses import replace

import pytest

from diagnostics.clients.event_loop.classification import (
    Classification,
    Measurement,
    classify,
    classify_workers,
)
from diagnostics.clients.event_loop.thread_usage import CpuTime, ThreadUsage


def measured(
    loaded_ms: float,
    main: float = 0.0,
    others: float = 0.0,
    *,
    waited: float = 0.0,
    others_waited: float = 0.0,
    waiting_s: float = 0.9,
    own_waited: float = 0.0,
) -> Measurement:
    """Return one second under load; health takes 0.5 ms when idle, and may take 10."""
    usage = ThreadUsage(CpuTime(main, waited), CpuTime(others, others_waited))
    return Measurement(
        0.5, loaded_ms, 10, 5, seconds=1, waiting_s=waiting_s, own_waited_s=own_waited, usage=usage
    )


@pytest.mark.parametrize(
    ("measurement", "code"),
    [
        (measured(145, main=1.0), "loop.cpu_inline"),
        (measured(145, main=0.45, waited=0.5), "loop.cpu_inline"),  # it gets half a CPU
        (measured(167, main=0.01), "loop.blocking_io"),
        (measured(60, main=0.01, others=0.98), "loop.gil_threads"),
        (measured(60, main=0.01, others=0.25, waited=0.1, others_waited=0.7), "loop.gil_threads"),
        (measured(3, main=0.05, others=1.73), ""),  # threads that release the lock
        (measured(0.3, main=0.03), ""),  # a pool of processes
    ],
)
def test_each_cause_of_a_blocked_loop_has_its_own_usage(measurement: Measurement, code: str) -> None:
    assert classify(measurement) == Classification(code)  # type: ignore[arg-type]  # a code of the table above


def test_hashing_of_3_ms_is_a_warning_while_answers_still_come_in_time() -> None:
    assert classify(measured(9.4, main=0.99)) == Classification("loop.cpu_inline", "warn")
    assert classify(measured(2.4, main=0.99)) == Classification()
    assert classify(measured(9.4, main=0.5)) == Classification()


def test_a_machine_without_a_free_cpu_says_nothing_about_the_loop() -> None:
    starved = measured(30, main=0.03, others=0.9, waited=0.3, waiting_s=0.4)

    assert classify(starved) == Classification(starved=True)
    assert classify(measured(30, main=0.03, waiting_s=0.4, own_waited=0.3)) == Classification(starved=True)
    assert classify(replace(measured(30, own_waited=0.8), usage=None)) == Classification(starved=True)


def test_without_the_process_the_loop_is_blocked_and_no_more() -> None:
    assert classify(replace(measured(145), usage=None)) == Classification("loop.blocked")


def test_a_process_that_did_nothing_is_another_one() -> None:
    assert classify(measured(145)) == Classification("loop.blocked", wrong_process=True)


@pytest.mark.parametrize(
    ("measurement", "held", "code"),
    [
        (measured(145, main=0.01), True, "loop.workers_waiting"),
        (measured(145, main=0.01), False, "loop.workers_waiting"),  # a server that reads ahead, as waitress
        (measured(145, main=0.9), True, "loop.workers_computing"),
        (measured(145, main=0.3, waited=0.5), None, "loop.workers_computing"),
        (measured(145, main=0.02, others=0.9), False, "loop.workers_computing"),  # threads share a lock
        (replace(measured(145), usage=None), True, "loop.workers_busy"),
        (replace(measured(145), usage=None), None, "loop.workers_busy"),
        (measured(9, main=0.9), None, ""),
    ],
)
def test_workers_compute_or_wait(measurement: Measurement, held: bool | None, code: str) -> None:
    assert classify_workers(measurement, held=held) == Classification(code)  # type: ignore[arg-type]  # as above


def test_late_answers_beside_free_workers_are_not_explained_by_busy_ones() -> None:
    assert classify_workers(measured(145, main=0.6), held=False) == Classification(spare_workers=True)
    assert classify_workers(replace(measured(145), usage=None), held=False) == Classification(
        spare_workers=True
    )


def test_a_machine_without_a_free_cpu_says_nothing_about_workers() -> None:
    assert classify_workers(measured(145, main=0.1, own_waited=0.8), held=True) == Classification(
        starved=True
    )
    assert classify_workers(replace(measured(30, own_waited=0.8), usage=None), held=True) == Classification(
        starved=True
    )


def test_workers_that_did_nothing_are_those_of_another_service() -> None:
    assert classify_workers(measured(145), held=True) == Classification(
        "loop.workers_busy", wrong_process=True
    )
