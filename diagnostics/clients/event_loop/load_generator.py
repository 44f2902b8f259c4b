"""How long a service takes to say that it is well: alone, and while others make it work."""

import math
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from diagnostics.clients.http.keepalive_connection import Answer, HttpLine
from diagnostics.engine.deadline import Deadline

EVERY_S = 0.01
"""Seconds from one question to the next."""
PATIENCE_S = 3.0
"""Seconds after which a question counts as not answered."""
PERCENTILE = 0.95


@dataclass(frozen=True, slots=True)
class Watch:
    """What came back within a window."""

    answers: tuple[Answer, ...]
    seconds: float

    @property
    def p95_ms(self) -> float:
        """The 95th percentile of the answers' times."""
        return percentile(spread([answer.ms for answer in self.answers], EVERY_S * 1000))

    @property
    def refused(self) -> Answer | None:
        """The first that was no success."""
        return next((answer for answer in self.answers if not answer.ok), None)


def spread(latencies: Sequence[float], every_ms: float) -> list[float]:
    """The latencies with those that a slow answer kept from being asked (coordinated omission).

    Who asks one after the other sees a loop that stood still for a second as a single slow answer.
    """
    found: list[float] = []
    for latency in latencies:
        missed = range(math.floor(latency / every_ms)) if every_ms < latency else range(1)
        found += [latency - n * every_ms for n in missed]
    return found


def percentile(values: Sequence[float], share: float = PERCENTILE) -> float:
    """The smallest value that at least this share does not exceed; 0 where there is none."""
    rank_probes = sorted(values)
    return rank_probes[math.ceil(share * len(rank_probes)) - 1] if rank_probes else 0.0


def watch(line: HttpLine, seconds: float, deadline: Deadline) -> Watch:
    """Ask every 10 ms for some seconds. Raises OutOfTime."""
    began = time.perf_counter()
    answers: list[Answer] = []
    due = began
    while (now := time.perf_counter()) < began + seconds:
        if now < due:
            time.sleep(due - now)
        answers.append(line.ask(deadline.within(PATIENCE_S)))
        due = max(due + EVERY_S, time.perf_counter())
    return Watch(tuple(answers), time.perf_counter() - began)


@dataclass(slots=True)
class Burst:
    """Requests that make the service work, from several connections at a time."""

    lines: Sequence[HttpLine]
    answers: list[Answer] = field(default_factory=list)
    """Those that came while it lasted."""

    @property
    def done(self) -> int:
        """How many were answered with success."""
        return sum(answer.ok for answer in self.answers)

    @property
    def refused(self) -> Answer | None:
        """The first that was no success."""
        return next((answer for answer in self.answers if not answer.ok), None)

    @property
    def felt(self) -> bool:
        """Whether it made the service work: longer work is not answered within the burst."""
        return self.done > 0 or (not self.answers and any(line.connect_ms for line in self.lines))


@contextmanager
def burst(lines: Sequence[HttpLine]) -> Iterator[Burst]:
    """Ask on every line, again as soon as it is answered, until the block ends; then cut what still waits."""
    load, ending = Burst(lines), threading.Event()

    def work(line: HttpLine) -> None:
        while not ending.is_set():
            answer = line.ask(PATIENCE_S)
            if not ending.is_set():
                load.answers.append(answer)
            if answer.error:
                ending.wait(EVERY_S)  # a service that refuses is not called thousands of times a second

    workers = [threading.Thread(target=work, args=(line,), daemon=True) for line in lines]
    for worker in workers:
        worker.start()
    try:
        yield load
    finally:
        ending.set()
        _cut_all(lines)
        for worker in workers:
            worker.join(PATIENCE_S)


@contextmanager
def open_lines(make: Callable[[], HttpLine], many: int, deadline: Deadline) -> Iterator[list[HttpLine]]:
    """Lines that are cut at the deadline, whatever the server drips, and closed at the end."""
    with ExitStack() as stack:
        lines = [stack.enter_context(make()) for _ in range(many)]
        timer = threading.Timer(deadline.left, _cut_all, (lines,))
        timer.daemon = True
        timer.start()
        stack.callback(timer.cancel)
        yield lines


def _cut_all(lines: Sequence[HttpLine]) -> None:
    for line in lines:
        line.cut()


def trust(ca_file: str, client_cert: str = "", client_key: str = "") -> ssl.SSLContext:
    """How the service's certificate is checked. Raises OSError for files that cannot be read or used."""
    context = ssl.create_default_context(cafile=ca_file or None)
    if client_cert:
        context.load_cert_chain(client_cert, client_key or None)
    return context
