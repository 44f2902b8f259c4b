"""Run of a scan: its spans in this process, in several ones, or on a Dask cluster."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from time import monotonic
from typing import Final

from diagnostics.errors import Terminated
from diagnostics.scan.inputs import Input, NotRead
from diagnostics.scan.pipes import OUT_OF_TIME
from diagnostics.scan.spans import Span, SpanResult, scan_span, scan_steps, spans_of
from kb.scan.chunk import Scanner
from kb.scan.summary import Summary, merge

PROCESSES_FROM: Final = 96_000_000
"""Bytes from which further processes pay off: each takes half a second to start."""
MAX_PROCESSES: Final = 16
INTERRUPTED: Final = "the scan was interrupted"
Progress = Callable[[int, int], None]
"""Function that is told the bytes read so far, decompressed, and the bytes of all inputs as stored."""


@dataclass(slots=True)
class ScanResult:
    """Summary of a scan, its inputs, and what was not read."""

    inputs: Sequence[Input]
    summary: Summary = field(default_factory=Summary)
    not_read: list[NotRead] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: BaseException | None = None
    """Signal that ended the scan."""
    engine: str = ""
    """Engine of the search for literals."""
    processes: int = 1


def run_scan(
    inputs: Sequence[Input],
    scanner: Scanner,
    *,
    jobs: int = 0,
    seconds: float = float("inf"),
    cluster: str = "",
    progress: Progress = lambda _read, _total: None,
) -> ScanResult:
    """Scan inputs for at most some seconds and return the result so far, also after a signal.

    `jobs` is the number of processes, 0 for one a processor where the size is worth it. `cluster` is the
    address of a Dask scheduler, whose workers must see the files under the same names.
    """
    began = monotonic()
    spans, unreadable = spans_of(inputs)
    result = ScanResult(inputs, not_read=unreadable, engine=scanner.prefilter.engine)
    result.processes = _processes(spans, jobs)
    deadline = began + seconds
    if cluster:
        from diagnostics.scan.cluster import on_cluster  # noqa: PLC0415  the extra `cluster`

        results: Iterator[SpanResult] = on_cluster(spans, scanner, cluster, deadline)
    elif result.processes > 1:
        results = _in_processes(spans, scanner, result.processes, deadline)
    else:
        results = _in_this_process(spans, scanner, deadline)
    _collect(result, spans, results, progress)
    result.seconds = monotonic() - began
    return result


def _collect(
    result: ScanResult, spans: Sequence[Span], results: Iterator[SpanResult], progress: Progress
) -> None:
    """Merge the results, and name the spans that have none when the deadline or a signal ends the scan."""
    done: dict[Span, SpanResult] = {}
    total = sum(item.size or 0 for item in result.inputs)
    ended = OUT_OF_TIME
    bytes_read = 0
    try:
        for span_result in results:
            before = done.get(span_result.span)
            bytes_read += span_result.size - (before.size if before else 0)
            done[span_result.span] = span_result
            progress(bytes_read, total)
    except (KeyboardInterrupt, Terminated) as error:
        result.interrupted, ended = error, INTERRUPTED
    summaries = [done[span].summary for span in spans if span in done]
    result.summary = _merged(summaries)
    result.not_read += _unread(spans, done, ended)


def _merged(summaries: Sequence[Summary]) -> Summary:
    """Merge summaries in pairs, so that no large one is copied for each small one."""
    while len(summaries) > 1:
        pairs = [summaries[at : at + 2] for at in range(0, len(summaries), 2)]
        summaries = [merge(*pair) if len(pair) > 1 else pair[0] for pair in pairs]
    return summaries[0] if summaries else Summary()


def _unread(spans: Iterable[Span], done: dict[Span, SpanResult], ended: str) -> Iterator[NotRead]:
    """Yield what was not read of each span, neighbouring ranges of a file joined."""
    pending: tuple[Span, int, int, str] | None = None
    for span in spans:
        result = done.get(span)
        if result and result.is_complete:
            continue
        size = result.size if result else 0
        reason = (result.reason if result else "") or ended
        if span.end is None:
            yield NotRead(span.item.label, reason, size)
            continue
        begin = span.begin + size
        if pending and pending[0].file == span.file and pending[2] == begin and pending[3] == reason:
            pending = (span, pending[1], span.end, reason)
            continue
        if pending:
            yield _range_not_read(*pending)
        pending = (span, begin, span.end, reason)
    if pending:
        yield _range_not_read(*pending)


def _range_not_read(span: Span, begin: int, end: int, reason: str) -> NotRead:
    is_rest = end == span.item.size
    where = f"from byte {begin:,} on" if is_rest else f"bytes {begin:,} to {end:,}"
    return NotRead(span.item.label, f"{where}: {reason}" if begin or not is_rest else reason, begin)


def _processes(spans: Sequence[Span], jobs: int) -> int:
    """Return the number of processes that a scan uses."""
    if jobs:
        return min(jobs, max(1, len(spans)))
    size = sum((span.end or 0) - span.begin if span.end else span.item.size or 0 for span in spans)
    if size < PROCESSES_FROM:
        return 1
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, MAX_PROCESSES, len(spans))


def _in_this_process(spans: Iterable[Span], scanner: Scanner, deadline: float) -> Iterator[SpanResult]:
    for span in spans:
        left = deadline - monotonic()
        if left <= 0:
            return
        yield from scan_steps(span, scanner, left)


def _in_processes(
    spans: Sequence[Span], scanner: Scanner, processes: int, deadline: float
) -> Iterator[SpanResult]:
    waiting = list(reversed(spans))
    running: set[Future[SpanResult]] = set()
    context = get_context("forkserver" if os.name == "posix" else "spawn")
    with ProcessPoolExecutor(processes, context, _start_worker, (scanner,)) as pool:
        try:
            while waiting or running:
                left = deadline - monotonic()
                while waiting and left > 0 and len(running) < 2 * processes:
                    running.add(pool.submit(partial(_scan_in_worker, seconds=left), waiting.pop()))
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_SCANNERS: list[Scanner] = []
"""Scanner of a worker process."""


def _start_worker(scanner: Scanner) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process decides
    _SCANNERS[:] = [scanner]


def _scan_in_worker(span: Span, seconds: float) -> SpanResult:
    return scan_span(span, _SCANNERS[0], seconds)
