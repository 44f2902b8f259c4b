"""Scan of many files: in this process, or in one a processor where that is worth its start."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from diagnostics.clients.source.scan import FileResult, scan_file

PROCESSES_FROM: Final = 600
"""Files from which further processes pay off: each takes half a second to start."""
MAX_PROCESSES: Final = 16
BATCH: Final = 25
"""Files that a process gets at once."""


def scan_files(
    paths: Sequence[Path], seconds_left: Callable[[], float], jobs: int = 0
) -> Iterator[FileResult]:
    """Yield the result of each file in any order, until no second is left.

    `jobs` is the number of processes, 0 for as many as are worth it.
    """
    processes = jobs or _processes(len(paths))
    if processes == 1:
        for path in paths:
            if seconds_left() <= 0:
                return
            yield scan_file(path)
        return
    yield from _in_processes(paths, processes, seconds_left)


def _processes(files: int) -> int:
    if files < PROCESSES_FROM:
        return 1
    return min(_available(), MAX_PROCESSES)


def _available() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(
    paths: Sequence[Path], processes: int, seconds_left: Callable[[], float]
) -> Iterator[FileResult]:
    waiting = [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)][::-1]
    running: set[Future[list[FileResult]]] = set()
    context = get_context("forkserver" if os.name == "posix" else "spawn")
    pool = ProcessPoolExecutor(processes, context, _start_worker)
    try:
        while waiting or running:
            while waiting and seconds_left() > 0 and len(running) < 2 * processes:
                running.add(pool.submit(_scan_batch, waiting.pop()))
            done, running = wait(running, seconds_left(), return_when=FIRST_COMPLETED)
            for future in done:
                yield from future.result()
            if seconds_left() <= 0:
                return
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process decides


def _scan_batch(paths: Sequence[Path]) -> list[FileResult]:
    return [scan_file(path) for path in paths]
