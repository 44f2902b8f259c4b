"""CPU time of threads as /proc reports it."""

import os
import threading
import time
from pathlib import Path

import pytest

from diagnostics.clients.event_loop.thread_usage import CpuTime, ThreadUsage, read_thread_usage

STAT = "7 (a (b) c) S 1 7 7 0 -1 4194304 90 0 0 0 {} {} 0 0 20 0 2 0 100 0 0\n"


def task(proc: Path, number: int, **files: str) -> None:
    folder = proc / "7" / "task" / str(number)
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def test_nanoseconds_of_the_scheduler_are_taken_where_they_are(tmp_path: Path) -> None:
    task(tmp_path, 7, schedstat="1500000000 250000000 12\n", stat=STAT.format(1, 1))
    task(tmp_path, 8, schedstat="500000000 0 3\n")
    task(tmp_path, 9, schedstat="250000000 1000000000 3\n")

    assert read_thread_usage(7, tmp_path) == ThreadUsage(CpuTime(1.5, 0.25), CpuTime(0.75, 1.0))


def test_without_them_the_ticks_behind_the_name_are_taken(tmp_path: Path) -> None:
    task(tmp_path, 7, stat=STAT.format(120, 30))

    assert read_thread_usage(7, tmp_path) == ThreadUsage(CpuTime(1.5), CpuTime())


def test_a_thread_that_ends_meanwhile_is_left_out(tmp_path: Path) -> None:
    task(tmp_path, 7, schedstat="1000000000 0 1\n")
    task(tmp_path, 8)

    assert read_thread_usage(7, tmp_path) == ThreadUsage(CpuTime(1.0), CpuTime())


@pytest.mark.parametrize("content", ["", "one two three", "1 2"])
def test_what_cannot_be_read_is_no_process(tmp_path: Path, content: str) -> None:
    task(tmp_path, 7, schedstat=content)

    assert read_thread_usage(7, tmp_path) is None
    assert read_thread_usage(8, tmp_path) is None


def test_this_process_computes_beside_its_main_thread() -> None:
    computed, ending = threading.Event(), threading.Event()

    def compute() -> None:
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            sum(range(1000))
        computed.set()
        ending.wait(10)

    before = read_thread_usage(os.getpid())
    worker = threading.Thread(target=compute, daemon=True)
    worker.start()
    computed.wait(10)
    after = read_thread_usage(os.getpid())
    ending.set()
    worker.join()

    assert before
    assert after
    assert (after - before).others.used_s >= 0.04
    assert (after - before).main.used_s < 0.04
