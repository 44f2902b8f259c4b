"""Response times of a service's health URL: idle, and while other connections keep the service at work."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from diagnostics.clients.event_loop.thread_usage import own_waiting_time
from diagnostics.clients.http.keepalive_connection import KeepAliveConnection, TimedResponse
from diagnostics.clients.http.socket_deadline import SocketDeadline
from diagnostics.engine.deadline import Deadline

INTERVAL_S = 0.01
"""Seconds from one health request to the next."""
TIMEOUT_S = 3.0
"""Seconds after which a request counts as failed."""
MIN_S = 0.01
PERCENTILE = 0.95


@dataclass(frozen=True, slots=True)
class HealthSeries:
    """Responses of the health URL over one connection."""

    responses: tuple[TimedResponse, ...]
    interval_s: float
    """Seconds from one request to the next, unless an answer takes longer."""
    own_waited_s: float
    """Seconds for which the measuring thread itself waited for a CPU."""

    @property
    def latencies(self) -> list[float]:
        """Response times in milliseconds, corrected for coordinated omission."""
        return corrected_latencies([response.ms for response in self.responses], self.interval_s * 1000)

    @property
    def p95_ms(self) -> float:
        """95th percentile of the response times."""
        return percentile(self.latencies)

    @property
    def waiting_s(self) -> float:
        """Seconds in which a response was waited for."""
        return sum(response.ms for response in self.responses) / 1000


@dataclass(frozen=True, slots=True)
class HealthWindow:
    """Responses of the health URL within a period, over several connections.

    Each connection stays with the worker that accepted it, so that a worker that is blocked beside free ones
    shows.
    """

    series: tuple[HealthSeries, ...]
    seconds: float

    @property
    def slowest(self) -> HealthSeries:
        """Connection with the longest response times."""
        return max(self.series, key=lambda each: each.p95_ms)

    @property
    def p95_ms(self) -> float:
        """95th percentile of the response times over all connections."""
        return percentile([latency for each in self.series for latency in each.latencies])

    def late(self, limit_ms: float) -> int:
        """Return the number of connections whose 95th percentile exceeds a limit."""
        return sum(each.p95_ms > limit_ms for each in self.series)

    @property
    def first_failure(self) -> TimedResponse | None:
        """First response without success."""
        responses = (response for each in self.series for response in each.responses)
        return next((response for response in responses if not response.ok), None)


def corrected_latencies(latencies: Sequence[float], interval_ms: float) -> list[float]:
    """Add the latencies of the requests that a slow response kept from being sent (coordinated omission).

    A client that sends one request after the other sees a loop that stalls for a second as a single slow
    response.
    """
    corrected: list[float] = []
    for latency in latencies:
        omitted = range(math.floor(latency / interval_ms)) if interval_ms < latency else range(1)
        corrected += [latency - n * interval_ms for n in omitted]
    return corrected


def percentile(values: Sequence[float], share: float = PERCENTILE) -> float:
    """Return the smallest value that at least this share of the values does not exceed; 0 without values."""
    ranked = sorted(values)
    return ranked[math.ceil(share * len(ranked)) - 1] if ranked else 0.0


def measure_health(
    connections: Sequence[KeepAliveConnection], seconds: float, deadline: Deadline
) -> HealthWindow:
    """Send health requests for some seconds, one every 10 ms over all connections together.

    Raises OutOfTime.
    """
    interval_s = INTERVAL_S * len(connections)
    began = time.perf_counter()
    series: list[HealthSeries] = []

    def measure(connection: KeepAliveConnection, delay_s: float) -> None:
        time.sleep(delay_s)
        series.append(_measure_series(connection, interval_s, began + seconds, deadline))

    threads = [
        threading.Thread(target=measure, args=(connection, number * INTERVAL_S), daemon=True)
        for number, connection in enumerate(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deadline.within(seconds)  # a window that the deadline cut short is not a measurement
    return HealthWindow(tuple(series), time.perf_counter() - began)


def _measure_series(
    connection: KeepAliveConnection, interval_s: float, until: float, deadline: Deadline
) -> HealthSeries:
    responses: list[TimedResponse] = []
    due, waited_s = time.perf_counter(), own_waiting_time()
    while ((now := time.perf_counter()) < until or not responses) and deadline.left > 0:
        if now < due:
            time.sleep(due - now)
        responses.append(connection.measure(min(TIMEOUT_S, max(deadline.left, MIN_S))))
        due = max(due + interval_s, time.perf_counter())
    return HealthSeries(tuple(responses), interval_s, own_waiting_time() - waited_s)


@dataclass(slots=True)
class Load:
    """Requests that keep the service at work, over several connections at a time."""

    connections: Sequence[KeepAliveConnection]
    responses: list[TimedResponse] = field(default_factory=list)
    """Those that came while the load lasted."""

    @property
    def succeeded(self) -> int:
        """Number of successful responses."""
        return sum(response.ok for response in self.responses)

    @property
    def first_failure(self) -> TimedResponse | None:
        """First response without success."""
        return next((response for response in self.responses if not response.ok), None)

    @property
    def took_effect(self) -> bool:
        """True if the service worked: at least half of the requests succeeded, or all are still at work.

        Work longer than the load is not answered while it lasts.
        """
        connected = any(connection.connect_ms for connection in self.connections)
        return 2 * self.succeeded >= len(self.responses) if self.responses else connected


@contextmanager
def apply_load(connections: Sequence[KeepAliveConnection]) -> Iterator[Load]:
    """Send requests back to back on every connection until the block ends, then end those in flight."""
    load, ending = Load(connections), threading.Event()

    def work(connection: KeepAliveConnection) -> None:
        while not ending.is_set():
            response = connection.measure(TIMEOUT_S)
            if not ending.is_set():
                load.responses.append(response)
            if response.error:
                ending.wait(INTERVAL_S)  # do not retry a refusing service thousands of times a second

    workers = [threading.Thread(target=work, args=(connection,), daemon=True) for connection in connections]
    for worker in workers:
        worker.start()
    try:
        yield load
    finally:
        ending.set()
        for connection in connections:
            connection.deadline.expire()
        for worker in workers:
            worker.join(TIMEOUT_S)


@contextmanager
def open_connections(
    connect: Callable[[SocketDeadline], KeepAliveConnection], count: int, deadline: Deadline
) -> Iterator[list[KeepAliveConnection]]:
    """Yield connections that end at the deadline and are closed when the block ends."""
    with ExitStack() as stack:
        deadlines = [stack.enter_context(SocketDeadline(deadline.left)) for _ in range(count)]
        yield [stack.enter_context(connect(ending)) for ending in deadlines]
