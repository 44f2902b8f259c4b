"""Measure the exporter with 200 targets, of which 20 accept connections and never answer.

All targets are scraped every 15 s, evenly spread over the interval as Prometheus spreads them, with a timeout
of 10 s. The others accept and count logins.

Usage: python -m tests.tools.bench_exporter [SECONDS]  (default 300)
"""

import math
import selectors
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.diagnostics.clients.postgres.foreign_servers import READY, auth_request, error, message
from tests.support.exporter import Exporter, Samples, serving, silent_servers

TARGETS = 200
HUNG = 20
INTERVAL_S = 15.0
TIMEOUT_S = 10.0
DEFAULT_S = 300.0
SAMPLE_S = 1.0
OWN = "clearpay_doctor_exporter_"
CLEARTEXT = 3
"""Request of a password, by the protocol: AuthenticationCleartextPassword."""
IDLE = message(b"Z", b"I")
LOCK = threading.Lock()
TABLE = '[target.t{number}]\ndatabase = "postgresql://app:bench@127.0.0.1:{port}/db?sslmode=disable"\n'


@dataclass
class Measured:
    """Counts of a run, and the largest values that were seen."""

    scrapes: int = 0
    late: int = 0
    """Scrapes that failed, or were not answered within the timeout."""
    unexamined: int = 0
    """Scrapes without a result, of the targets that answer."""
    durations: list[float] = field(default_factory=list)
    """Seconds of the scrapes of targets that answer."""
    memory: float = 0.0
    """Bytes of the server, without its child processes."""
    children_memory: float = 0.0
    children: float = 0.0
    threads: float = 0.0
    """Threads of all child processes."""
    restarts: float = 0.0
    logins: list[int] = field(default_factory=list)
    """Logins at each target that answers."""
    intervals: int = 0

    @property
    def answered(self) -> float:
        """Share of scrapes that were answered within the timeout."""
        return (self.scrapes - self.late) / max(self.scrapes, 1)

    @property
    def logins_each(self) -> float:
        """The most logins at a target, for each interval."""
        return max(self.logins, default=0) / max(self.intervals, 1)


def main() -> None:
    """Print the measurements."""
    measured = measure(float(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_S)
    for name, value in lines(measured):
        print(f"{name:<52} {value}")


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of the benchmark."""
    measured = measure(DEFAULT_S)
    subject = f"serve, {TARGETS} targets, {HUNG} of them hang"
    yield subject, f"scrapes answered in {TIMEOUT_S:g} s", f"{measured.answered:.1%}", "100%"
    yield subject, "200 MB, server", f"{measured.memory / 1e6:.0f} MB", "< 200 MB"
    yield subject, "child processes", f"{measured.children:.0f}", "<= 4"
    yield subject, "logins for each interval", f"{measured.logins_each:.2f}", "<= 1"


def lines(measured: Measured) -> Iterator[tuple[str, str]]:
    """Yield names and values."""
    yield "scrapes", f"{measured.scrapes} in {measured.intervals} intervals of {INTERVAL_S:g} s"
    yield f"answered within {TIMEOUT_S:g} s", f"{measured.answered:.2%}"
    yield "without a result, of targets that answer", str(measured.unexamined)
    if measured.durations:
        ninety_ninth = sorted(measured.durations)[math.ceil(0.99 * len(measured.durations)) - 1]
        yield (
            "seconds of targets that answer, median and 99th",
            f"{statistics.median(measured.durations):.2f}, {ninety_ninth:.2f}",
        )
    yield "memory of the server", f"{measured.memory / 1e6:.0f} MB"
    yield "memory of all child processes", f"{measured.children_memory / 1e6:.0f} MB"
    yield "child processes", f"{measured.children:.0f}, {measured.restarts:.0f} replaced"
    yield "threads of all child processes", f"{measured.threads:.0f}"
    yield "logins for each target and interval, at most", f"{measured.logins_each:.2f}"


def measure(seconds: float) -> Measured:
    """Scrape all targets in each interval until the time is over."""
    with ExitStack() as stack:
        hung = stack.enter_context(silent_servers(HUNG))
        answering, logins = stack.enter_context(counting_servers(TARGETS - HUNG))
        config = Path(stack.enter_context(tempfile.TemporaryDirectory()), "clearpay-doctor.toml")
        ports = [*hung, *answering]
        text = "\n".join(TABLE.format(number=number, port=port) for number, port in enumerate(ports))
        config.write_text(f'{text}\n[module.login]\nprobes = ["connect", "login"]\n', "utf-8")
        config.chmod(0o600)
        exporter = stack.enter_context(serving(config))
        measured = Measured(intervals=max(1, round(seconds / INTERVAL_S)))
        ended = threading.Event()
        sampler = threading.Thread(target=_sample, args=(exporter, measured, ended))
        sampler.start()
        try:
            _scrape_all(exporter, measured)
        finally:
            ended.set()
            sampler.join()
        measured.logins = [logins.get(port, 0) for port in answering]
    return measured


def _scrape_all(exporter: Exporter, measured: Measured) -> None:
    """Scrape every target once in each interval, each at its own time."""
    began = time.monotonic()
    with ThreadPoolExecutor(TARGETS) as pool:
        for number in range(measured.intervals * TARGETS):
            due = began + number * INTERVAL_S / TARGETS
            time.sleep(max(0.0, due - time.monotonic()))
            pool.submit(_scrape, exporter, number % TARGETS, measured)


def _scrape(exporter: Exporter, number: int, measured: Measured) -> None:
    began = time.monotonic()
    samples: Samples | None = None
    with suppress(requests.RequestException, AssertionError):
        samples = exporter.scrape(f"t{number}", "login", seconds=TIMEOUT_S)
    took = time.monotonic() - began
    with LOCK:
        measured.scrapes += 1
        measured.late += samples is None or took > TIMEOUT_S
        if number >= HUNG:
            measured.durations.append(took)
            measured.unexamined += not (samples and samples.value("clearpay_doctor_examined"))


def _sample(exporter: Exporter, measured: Measured, ended: threading.Event) -> None:
    """Keep the largest values of the exporter's own metrics."""
    while not ended.wait(SAMPLE_S):
        with suppress(requests.RequestException):
            own = exporter.own()
            measured.children = max(measured.children, own.value(f"{OWN}child_processes"))
            measured.threads = max(measured.threads, own.value(f"{OWN}child_threads"))
            measured.restarts = own.value(f"{OWN}child_restarts_total")
            memory = own.value(f"{OWN}child_resident_memory_bytes")
            measured.children_memory = max(measured.children_memory, memory)
            measured.memory = max(measured.memory, own.value("process_resident_memory_bytes"))


@contextmanager
def counting_servers(number: int) -> Iterator[tuple[list[int], dict[int, int]]]:
    """Yield ports of servers that accept each login and no statement, and their logins by port."""
    logins: dict[int, int] = {}
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        selector = stack.enter_context(selectors.DefaultSelector())
        stopping, stop = socket.socketpair()
        stack.enter_context(stopping)
        stack.enter_context(stop)
        for server in (*servers, stopping):
            selector.register(server, selectors.EVENT_READ)
        thread = threading.Thread(target=_serve, args=(selector, set(servers), stopping, logins))
        thread.start()
        try:
            yield [int(server.getsockname()[1]) for server in servers], logins
        finally:
            stop.send(b"x")
            thread.join()


def _serve(
    selector: selectors.BaseSelector,
    servers: set[socket.socket],
    stopping: socket.socket,
    logins: dict[int, int],
) -> None:
    while True:
        for key, _ in selector.select():
            ready = key.fileobj
            if not isinstance(ready, socket.socket) or ready is stopping:
                return
            if ready in servers:
                selector.register(ready.accept()[0], selectors.EVENT_READ)
            elif not _answered(ready, logins):
                selector.unregister(ready)
                ready.close()


def _answered(client: socket.socket, logins: dict[int, int]) -> bool:
    """Answer one message; return False if the connection is to be closed. A password is a login."""
    try:
        received = client.recv(8192)
        if received[:1] == b"p":
            port = client.getsockname()[1]
            logins[port] = logins.get(port, 0) + 1
            client.sendall(READY)
        elif received[:1] == b"Q":
            client.sendall(error("53400", "the benchmark answers no statement", severity="ERROR") + IDLE)
        elif received[:1] == b"\0":  # a startup packet begins with its length
            client.sendall(auth_request(CLEARTEXT))
        else:
            return False
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
