"""Response times of a service's health URL: idle, and while other connections keep the service at work."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from diagnostics.clients.http.keepalive_connection import KeepAliveConnection, TimedResponse
from diagnostics.clients.http.socket_deadline import SocketDeadline
from diagnostics.engine.deadline import Deadline

INTERVAL_S = 0.01
"""Seconds from one health request to the next."""
TIMEOUT_S = 3.0
"""Seconds after which a request counts as failed."""
PERCENTILE = 0.95


@dataclass(frozen=True, slots=True)
class HealthWindow:
    """Responses of the health URL within a period."""

    responses: tuple[TimedResponse, ...]
    seconds: float

    @property
    def p95_ms(self) -> float:
        """95th percentile of the response times, corrected for coordinated omission."""
        latencies = [response.ms for response in self.responses]
        return percentile(corrected_latencies(latencies, INTERVAL_S * 1000))

    @property
    def first_failure(self) -> TimedResponse | None:
        """First response without success."""
        return next((response for response in self.responses if not response.ok), None)


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


def measure_health(connection: KeepAliveConnection, seconds: float, deadline: Deadline) -> HealthWindow:
    """Send a health request every 10 ms for some seconds. Raises OutOfTime."""
    began = time.perf_counter()
    responses: list[TimedResponse] = []
    due = began
    while (now := time.perf_counter()) < began + seconds:
        if now < due:
            time.sleep(due - now)
        responses.append(connection.measure(deadline.within(TIMEOUT_S)))
        due = max(due + INTERVAL_S, time.perf_counter())
    return HealthWindow(tuple(responses), time.perf_counter() - began)


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
        """True if the service worked: work longer than the load is not answered while it lasts."""
        connected = any(connection.connect_ms for connection in self.connections)
        return self.succeeded > 0 or (not self.responses and connected)


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
